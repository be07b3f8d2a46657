import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRules } from '../../../gateway/core/policy/parse-rules.ts';
import { sentinelsFor } from '../../../gateway/core/policy/sentinels.ts';
import { readSlug } from '../../../gateway/domain/ids.ts';
import { MODEL_ACTIONS, TIERS } from '../../../gateway/domain/vocabulary.ts';
import { PLAIN_ALLOW, policyText, table } from '../../policies/shipped-policy.ts';

const tenant = readSlug('summit') ?? assert.fail();

test('every engine meets at least twenty known answers, even one without rules', () => {
  for (const tier of TIERS) {
    for (const action of MODEL_ACTIONS) {
      assert.ok(sentinelsFor([], { tenant, tier, action }).length >= 20);
    }
  }
});

test('known answers hold both matches and misses, and what no policy may allow', () => {
  const rules = parseRules(policyText('stewardship.csv')).filter(({ tenant: words }) =>
    words.some((word) => word === '*' || word === 'tier:payer'),
  );
  const sentinels = sentinelsFor(rules, { tenant, tier: 'payer', action: 'infer' });
  const ids = sentinels.flatMap(({ matched }) => matched);
  assert.ok(ids.includes('payer-limited') && ids.includes('payer-no-automated-denial'));
  assert.ok(sentinels.some(({ matched, never }) => !never && matched.length === 0));
  assert.ok(sentinels.filter(({ never }) => never).length >= 12);
});

test('known answers stay few however many rules there are', () => {
  const rows = Array.from({ length: 5_000 }, (_, at) => PLAIN_ALLOW.replace('plain', `plain-${at}`));
  assert.ok(
    sentinelsFor(parseRules(table(...rows)), { tenant, tier: 'payer', action: 'infer' }).length <= 60,
  );
});
