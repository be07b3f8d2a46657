import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCases, runCases } from '../../../gateway/core/policy/cases.ts';
import { Problem } from '../../../gateway/domain/problem.ts';
import { decisionPointOf, PLAIN_ALLOW, table } from '../../policies/shipped-policy.ts';

const COLUMNS = 'tenant,tier,role,purpose,class,model,stage,action,region,verdict,rules,expect';
const RIGHT = 'summit,payer,app,HPAYMT,limited,mayo-cr-1,ga,infer,US,allow,plain,redact=safe-harbor';

test('a row that holds passes and carries its request as its name', () => {
  assert.deepEqual(run(RIGHT), [
    { line: 2, name: 'summit payer app HPAYMT limited mayo-cr-1 ga infer US', passed: true, differences: [] },
  ]);
});

test('each way a decision can differ is named', () => {
  const [wrong] = run(RIGHT.replace('plain', 'other').replace('safe-harbor', 'none'));
  assert.equal(wrong?.passed, false);
  assert.deepEqual(wrong?.differences, [
    'rules: expected other, got plain',
    'redact: expected none, got safe-harbor',
  ]);
  const [denied] = run(RIGHT.replace('HPAYMT', 'TREAT'));
  assert.ok(denied?.differences.includes('verdict: expected allow, got deny'));
});

test('a deny is compared by its reasons', () => {
  const deny = 'summit,payer,app,TREAT,limited,mayo-cr-1,ga,infer,US,deny,-,reason=no_matching_rule';
  assert.equal(run(deny)[0]?.passed, true);
  assert.equal(run(deny.replace('no_matching_rule', 'irb_required'))[0]?.passed, false);
});

for (const [what, row] of [
  ['an unknown verdict', RIGHT.replace('allow', 'Allow')],
  ['an unknown word', RIGHT.replace('HPAYMT', 'PAYMENT')],
  ['an unknown role', RIGHT.replace('app', 'clinician')],
  ['an unknown obligation', RIGHT.replace('redact', 'paint')],
  ['a deny without a reason', RIGHT.replace('allow', 'deny')],
] as const) {
  test(`a truth table is refused for ${what}`, () => {
    assert.throws(
      () => parseCases(`${COLUMNS}\n${row}`),
      (thrown) =>
        thrown instanceof Problem && thrown.code === 'policy_invalid' && thrown.reasons[0] === 'line 2: case',
    );
  });
}

function run(row: string) {
  return runCases(decisionPointOf(table(PLAIN_ALLOW)), `${COLUMNS}\n${row}`);
}
