import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFacts } from '../../../gateway/core/policy/facts.ts';
import { nearestMisses } from '../../../gateway/core/policy/nearest-misses.ts';
import { parseRules } from '../../../gateway/core/policy/parse-rules.ts';
import { PLAIN_ALLOW, payerRequest, table } from '../../policies/shipped-policy.ts';

test('a rule that one attribute would have satisfied is named with that attribute', () => {
  assert.deepEqual(misses([PLAIN_ALLOW], { purpose: 'COVERAGE' }), ['plain:purpose']);
  assert.deepEqual(misses([PLAIN_ALLOW], { dataClass: 'phi' }), ['plain:class']);
  assert.deepEqual(misses([PLAIN_ALLOW], { region: 'EU' }), ['plain:region']);
  assert.deepEqual(misses([PLAIN_ALLOW.replace(',*,', ',human,')], {}), ['plain:role']);
});

test('a rule that misses twice is not near', () => {
  assert.deepEqual(misses([PLAIN_ALLOW], { purpose: 'COVERAGE', region: 'EU' }), []);
});

test('a miss by tenant is not shown, so no tenant learns of the rules of another', () => {
  assert.deepEqual(misses([PLAIN_ALLOW.replace('tier:payer', 'tenant:harbor')], {}), []);
});

test('denies are not near misses', () => {
  const deny = 'no,*,*,COVERAGE,*,*,*,*,*,deny,reason=because';
  assert.deepEqual(misses([deny], {}), []);
});

test('at most five are shown, in file order', () => {
  const rows = Array.from({ length: 9 }, (_, at) => PLAIN_ALLOW.replace('plain', `plain-${at}`));
  assert.deepEqual(
    misses(rows, { stage: 'pilot' }),
    [0, 1, 2, 3, 4].map((at) => `plain-${at}:stage`),
  );
});

function misses(rows: readonly string[], change: Parameters<typeof payerRequest>[0]): readonly string[] {
  const facts = readFacts(payerRequest(change));
  assert.ok(facts);
  return nearestMisses(parseRules(table(...rows)), facts);
}
