import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCases, runCases } from '../../gateway/core/policy/cases.ts';
import { parseRules } from '../../gateway/core/policy/parse-rules.ts';
import { caseFiles, policyText, shippedDecisionPoint } from './shipped-policy.ts';

test('the shipped policy answers every row of its truth tables', async (t) => {
  const point = shippedDecisionPoint();
  for (const file of caseFiles()) {
    for (const { line, name, differences } of runCases(point, policyText(`cases/${file}`))) {
      await t.test(`${file}:${line} ${name}`, () => assert.deepEqual(differences, []));
    }
  }
});

test('the truth tables hold at least sixty rows, both verdicts, and no request twice', () => {
  const cases = caseFiles().flatMap((file) => parseCases(policyText(`cases/${file}`)));
  assert.ok(cases.length >= 60, `${cases.length} rows`);
  assert.deepEqual(new Set(cases.map(({ allowed }) => allowed)), new Set([true, false]));
  assert.equal(new Set(cases.map(({ request }) => JSON.stringify(request))).size, cases.length);
});

test('every rule of the shipped policy is met by a row of the truth tables', () => {
  const tables = caseFiles().map((file) => policyText(`cases/${file}`));
  const words = new Set(tables.flatMap((text) => text.split(/[\s,|]+/)));
  const unmet = parseRules(policyText('stewardship.csv')).filter(({ id }) => !words.has(id));
  assert.deepEqual(
    unmet.map(({ id }) => id),
    [],
  );
});
