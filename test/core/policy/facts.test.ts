import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyRequest } from '../../../gateway/core/policy/decision.ts';
import { readFacts } from '../../../gateway/core/policy/facts.ts';
import { payerRequest } from '../../policies/shipped-policy.ts';

test('the role is read off the prefix that the gateway sets, whatever the name behind it', () => {
  assert.equal(readFacts(payerRequest({ principal: 'a:human' }))?.role, 'app');
  assert.equal(readFacts(payerRequest({ principal: 'u:app' }))?.role, 'human');
  assert.equal(readFacts(payerRequest({ principal: 'a:u:someone' }))?.role, 'app');
});

test('tenant and tier are prefixed apart', () => {
  const facts = readFacts(payerRequest({ tenant: 'owner' }));
  assert.equal(facts?.tenant, 'tenant:owner');
  assert.equal(facts?.tier, 'tier:payer');
});

const ODD: readonly (readonly [keyof PolicyRequest, unknown])[] = [
  ['purpose', ['HPAYMT']],
  ['purpose', true],
  ['purpose', { toString: () => 'HPAYMT' }],
  ['purpose', 'HPAYMT|TREAT'],
  ['purpose', '*'],
  ['purpose', ''],
  ['purpose', 'hpaymt'],
  ['purpose', 'HPAYMT '],
  ['purpose', undefined],
  ['purpose', null],
  ['action', 'infer|stream'],
  ['stage', 'toString'],
  ['stage', '__proto__'],
  ['tier', ['payer']],
  ['tier', 'tier:payer'],
  ['dataClass', 1],
  ['region', 'US|EU'],
  ['tenant', '*'],
  ['tenant', 'tier:owner'],
  ['tenant', 'acme::x'],
  ['tenant', '../'],
  ['tenant', 'a,b'],
  ['tenant', 'summit\n'],
  ['tenant', 'role:admin'],
  ['tenant', '__proto__'],
  ['tenant', 'Summit'],
  ['tenant', 's\u0443mmit'],
  ['tenant', 'x'.repeat(300)],
  ['tenant', ['summit']],
  ['principal', 'human'],
  ['principal', 'role:human'],
  ['principal', 'u:'],
  ['principal', 'u:some\u200bone'],
  ['principal', 'u:line\nbreak'],
  ['principal', `u:${'x'.repeat(257)}`],
  ['principal', ['u:someone']],
  ['principal', 7],
  ['model', 'mayo|cr'],
  ['model', '*'],
  ['model', 'MAYO-CR-1'],
  ['model', ['mayo-cr-1']],
];

for (const [attribute, value] of ODD) {
  test(`a request whose ${attribute} is ${JSON.stringify(value)?.slice(0, 40)} is not understood`, () => {
    assert.equal(readFacts({ ...payerRequest(), [attribute]: value } as PolicyRequest), undefined);
  });
}

test('an attribute that changes when read again is read once', () => {
  let reads = 0;
  const shifty = Object.defineProperty(payerRequest(), 'purpose', {
    get: () => (reads++ === 0 ? 'HPAYMT' : 'HMARKT'),
  });
  assert.equal(readFacts(shifty)?.purpose, 'HPAYMT');
  assert.equal(reads, 1);
});
