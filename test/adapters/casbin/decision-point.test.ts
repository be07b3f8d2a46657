import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createDecisionPoint } from '../../../gateway/adapters/casbin/decision-point.ts';
import type { PolicyRequest } from '../../../gateway/core/policy/decision.ts';
import { Problem } from '../../../gateway/domain/problem.ts';
import {
  decisionPointOf,
  PLAIN_ALLOW,
  payerRequest,
  policyText,
  shippedDecisionPoint,
  table,
} from '../../policies/shipped-policy.ts';

const DENY = 'no-phi,*,*,*,phi|limited,*,*,*,*,deny,reason=no_phi';

test('a stock SDK call of each demo tenant, with its pinned purpose and no header, is allowed', () => {
  const point = shippedDecisionPoint();
  const stock = { principal: 'a:cli_1', dataClass: 'deidentified', model: 'mayo-cr-1' } as const;
  for (const tenant of [
    { tenant: 'northwind', tier: 'covered-entity', purpose: 'HOPERAT' },
    { tenant: 'lakeside', tier: 'research', purpose: 'HRESCH' },
    { tenant: 'summit', tier: 'payer', purpose: 'HPAYMT' },
    { tenant: 'mayo', tier: 'owner', purpose: 'TREAT', principal: 'u:dr-fictional' },
  ] as const) {
    const decision = point.decide(payerRequest({ ...stock, ...tenant }));
    assert.ok(decision.allowed, tenant.tenant);
    assert.equal(decision.obligations.redact, 'safe-harbor');
  }
});

test('an allow names every rule that matched and merges their duties', () => {
  const second = 'second,*,*,*,limited,*,ga,*,*,allow,redact=limited-dataset;max_tokens=99;alert=privacy';
  const decision = decisionPointOf(table(PLAIN_ALLOW, second, ...OUTSIDE_NEVER)).decide(payerRequest());
  assert.deepEqual(decision.matchedRules, ['plain', 'second']);
  assert.deepEqual(decision.obligations, {
    redact: 'safe-harbor',
    deidentify: 'deidentify',
    images: 'deny',
    maxTokens: 99,
    retainDays: null,
    humanReviewPercent: 0,
    alerts: ['privacy'],
  });
});

test('a deny overrides the allow, names both rules and gives its reason', () => {
  const decision = decisionPointOf(table(PLAIN_ALLOW, DENY, ...OTHER_ALLOW)).decide(payerRequest());
  assert.equal(decision.allowed, false);
  assert.deepEqual(decision.matchedRules, ['plain', 'no-phi']);
  assert.deepEqual(decision.reasons, ['no_phi']);
  assert.deepEqual(decision.nearestMisses, []);
});

test('the order of rules changes no verdict', () => {
  const rows = [PLAIN_ALLOW, DENY, ...OTHER_ALLOW];
  assert.equal(decisionPointOf(table(...rows.toReversed())).decide(payerRequest()).allowed, false);
});

test('a default deny says which rules were near, and by what', () => {
  const decision = decisionPointOf(table(PLAIN_ALLOW)).decide(payerRequest({ purpose: 'TREAT' }));
  assert.deepEqual(decision.reasons, ['no_matching_rule']);
  assert.deepEqual(decision.nearestMisses, ['plain:purpose']);
  assert.deepEqual(decision.matchedRules, []);
});

test('a near miss by action is named although each action has its own engine', () => {
  const point = decisionPointOf(table(PLAIN_ALLOW.replace('infer|stream', 'infer')));
  assert.deepEqual(point.decide(payerRequest({ action: 'stream' })).nearestMisses, ['plain:action']);
});

test('a deny permits nothing: no tokens, no keeping, the strictest redaction', () => {
  const { obligations } = decisionPointOf(table(PLAIN_ALLOW)).decide(payerRequest({ purpose: 'TREAT' }));
  assert.deepEqual(obligations, {
    redact: 'safe-harbor',
    deidentify: 'reject',
    images: 'deny',
    maxTokens: 0,
    retainDays: 0,
    humanReviewPercent: 0,
    alerts: [],
  });
});

test('a rule that names a tenant holds for that tenant alone, also when it was made later', () => {
  const own = PLAIN_ALLOW.replace('plain', 'harbor-only').replace('tier:payer', 'tenant:harbor');
  const point = decisionPointOf(table(own, PLAIN_ALLOW.replace('limited', 'deidentified')));
  assert.ok(point.decide(payerRequest({ tenant: 'harbor' })).allowed);
  assert.ok(!point.decide(payerRequest({ tenant: 'summit' })).allowed);
  assert.ok(!point.decide(payerRequest({ tenant: 'harbor-two' })).allowed);
});

test('the policy set is named by the hash of its model and rules', () => {
  const modelText = policyText('model.conf');
  const rulesText = table(PLAIN_ALLOW);
  const digest = createHash('sha256')
    .update(JSON.stringify([modelText, rulesText]))
    .digest('hex');
  const point = createDecisionPoint({ modelText, rulesText, tenants: [] });
  assert.equal(point.policySet, `ps_${digest.slice(0, 16)}`);
  assert.equal(point.decide(payerRequest()).policySet, point.policySet);
  assert.notEqual(decisionPointOf(`${rulesText}\n# a comment`).policySet, point.policySet);
});

test('decisions are frozen, so one reader cannot change what the next one is told', () => {
  const point = shippedDecisionPoint();
  for (const request of [
    payerRequest(),
    payerRequest({ purpose: 'HMARKT' }),
    payerRequest({ purpose: 'TREAT' }),
  ]) {
    const decision = point.decide(request);
    assert.ok(Object.isFrozen(decision) && Object.isFrozen(decision.obligations));
    assert.ok(Object.isFrozen(decision.matchedRules) && Object.isFrozen(decision.reasons));
    assert.ok(Object.isFrozen(decision.nearestMisses) && Object.isFrozen(decision.obligations.alerts));
  }
});

test('the same question is answered from memory, another principal of the same kind included', () => {
  const point = shippedDecisionPoint();
  const first = point.decide(payerRequest());
  assert.equal(point.decide(payerRequest({ principal: 'a:cli_2' })), first);
  assert.deepEqual(shippedDecisionPoint().decide(payerRequest()), first);
});

test('memory is bounded: twenty thousand different questions leave the answers right', () => {
  const point = decisionPointOf(table(PLAIN_ALLOW));
  for (let at = 0; at < 20_000; at++) {
    const purpose = at % 2 === 0 ? 'HPAYMT' : 'TREAT';
    assert.equal(point.decide(payerRequest({ model: `model-${at}`, purpose })).allowed, at % 2 === 0);
  }
});

test('what is not understood is denied, never thrown', () => {
  const point = shippedDecisionPoint();
  for (const request of [undefined, null, {}, [], 'allow', 7, payerRequest({ model: '*' })]) {
    const decision = point.decide(request as PolicyRequest);
    assert.equal(decision.allowed, false);
    assert.equal(decision.policySet, point.policySet);
  }
  assert.deepEqual(point.decide({} as PolicyRequest).reasons, ['request_not_understood']);
});

test('a fault while deciding is a deny, and is told', () => {
  const faults: unknown[] = [];
  const point = createDecisionPoint({
    modelText: policyText('model.conf'),
    rulesText: table(PLAIN_ALLOW),
    tenants: [],
    onFault: (fault) => faults.push(fault),
  });
  const broken = Object.defineProperty(payerRequest(), 'stage', {
    get: () => {
      throw new Error('broken');
    },
  });
  assert.deepEqual(point.decide(broken).reasons, ['undecidable']);
  assert.equal(faults.length, 1);
});

for (const [what, rule, reason] of [
  ['marketing', PLAIN_ALLOW.replace('HPAYMT', '*'), /never_allowed tier:payer \w+ HMARKT/],
  [
    'a suspended version',
    PLAIN_ALLOW.replace(',ga,', ',suspended|ga,').replace('HPAYMT', 'TREAT'),
    /never_allowed/,
  ],
  ['a retired version', ALLOW_ALL('retired'), /never_allowed .* retired/],
  ['an internal version outside the owner', ALLOW_ALL('internal'), /never_allowed .* internal/],
] as const) {
  test(`a policy that allows ${what} fails its sentinels and is never active`, () => {
    assert.throws(
      () => decisionPointOf(table(rule)),
      (thrown) =>
        thrown instanceof Problem &&
        thrown.code === 'policy_invalid' &&
        thrown.reasons.some((text) => reason.test(text)),
    );
  });
}

test('a policy that allows nothing at all fails its sentinels', () => {
  assert.throws(
    () => decisionPointOf(table(DENY)),
    (thrown) => thrown instanceof Problem && thrown.reasons.includes('sentinel: nothing_allowed'),
  );
});

test('a tenant whose name is not a slug is refused when the set is made', () => {
  assert.throws(
    () =>
      createDecisionPoint({
        modelText: policyText('model.conf'),
        rulesText: table(PLAIN_ALLOW),
        tenants: [{ slug: 'tier:owner', tier: 'payer' }],
      }),
    (thrown) => thrown instanceof Problem && thrown.reasons.includes('tenant'),
  );
});

/** Rows that keep sentinels content while a test allows more than payers' payment. */
const OUTSIDE_NEVER = ['never,*,*,HMARKT,*,*,*,*,*,deny,reason=never'];
const OTHER_ALLOW = [PLAIN_ALLOW.replace('plain', 'other').replace('limited', 'deidentified')];

function ALLOW_ALL(stage: string): string {
  return `loose,*,*,*,*,*,${stage},*,*,allow,redact=none`;
}
