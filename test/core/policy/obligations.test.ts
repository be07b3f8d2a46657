import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IMAGE_RULES, PROMPT_RULES, REDACTION_PROFILES } from '../../../gateway/core/policy/decision.ts';
import { type Duties, mergeDuties, readDuties } from '../../../gateway/core/policy/obligations.ts';

test('every obligation is read', () => {
  const text =
    'redact=limited-dataset; deidentify=pass;images=allow;max_tokens=1024; retain=30d; human_review=sample:5; alert=security|privacy';
  assert.deepEqual(readDuties(text), {
    redact: 'limited-dataset',
    deidentify: 'pass',
    images: 'allow',
    maxTokens: 1024,
    retainDays: 30,
    humanReviewPercent: 5,
    alerts: ['security', 'privacy'],
  });
  assert.deepEqual(readDuties('human_review=never; retain=0d'), { humanReviewPercent: 0, retainDays: 0 });
  assert.deepEqual(readDuties('human_review=always'), { humanReviewPercent: 100 });
  assert.deepEqual(readDuties('-'), {});
});

for (const text of [
  '',
  'redact',
  'redact=',
  'redact=strict',
  'Redact=none',
  'redact=none;redact=none',
  'redact=none;',
  'redact = none',
  '-;redact=none',
  'deidentify=maybe',
  'images=yes',
  'images=allow|deny',
  'max_tokens=0',
  'max_tokens=-1',
  'max_tokens=1e400',
  'max_tokens=1.5',
  'max_tokens=0x10',
  'max_tokens=1000001',
  'retain=30',
  'retain=d',
  'retain=3651d',
  'retain=1w',
  'human_review=sometimes',
  'human_review=sample:0',
  'human_review=sample:100',
  'human_review=sample:',
  'alert=',
  'alert=everyone',
  'alert=privacy|privacy',
  'watermark=yes',
  '__proto__=none',
  'constructor=none',
]) {
  test(`an obligation that is not understood is not read: "${text}"`, () =>
    assert.equal(readDuties(text), undefined));
}

test('what no rule says falls to the strictest way of redacting, and to no other limit', () => {
  assert.deepEqual(mergeDuties([]), mergeDuties([{}, {}]));
  assert.deepEqual(mergeDuties([{}]), {
    redact: 'safe-harbor',
    deidentify: 'reject',
    images: 'deny',
    maxTokens: null,
    retainDays: null,
    humanReviewPercent: 0,
    alerts: [],
  });
});

test('images are allowed when every rule allows them, and not when one is silent', () => {
  assert.equal(mergeDuties([{ images: 'allow' }, { images: 'allow' }]).images, 'allow');
  assert.equal(mergeDuties([{ images: 'allow' }, {}]).images, 'deny');
  assert.equal(mergeDuties([{ images: 'allow' }, { images: 'deny' }]).images, 'deny');
});

test('the strictest of each kind wins', () => {
  assert.deepEqual(
    mergeDuties([
      { redact: 'none', deidentify: 'reject', maxTokens: 4096, retainDays: 0, alerts: ['security'] },
      {
        redact: 'limited-dataset',
        deidentify: 'pass',
        maxTokens: 512,
        humanReviewPercent: 5,
        alerts: ['privacy'],
      },
      { redact: 'none', retainDays: 30, humanReviewPercent: 100, alerts: ['privacy'] },
    ]),
    {
      redact: 'limited-dataset',
      deidentify: 'reject',
      images: 'deny',
      maxTokens: 512,
      retainDays: 0,
      humanReviewPercent: 100,
      alerts: ['privacy', 'security'],
    },
  );
});

const duties: fc.Arbitrary<Duties> = fc.record(
  {
    redact: fc.constantFrom(...REDACTION_PROFILES),
    deidentify: fc.constantFrom(...PROMPT_RULES),
    images: fc.constantFrom(...IMAGE_RULES),
    maxTokens: fc.integer({ min: 1, max: 8192 }),
    retainDays: fc.integer({ min: 0, max: 90 }),
    humanReviewPercent: fc.integer({ min: 0, max: 100 }),
    alerts: fc.uniqueArray(fc.constantFrom('privacy', 'security', 'safety')),
  },
  { requiredKeys: [] },
);

test('law: the order of rules does not change their obligations', () => {
  fc.assert(
    fc.property(fc.array(duties, { maxLength: 6 }), (all) => {
      assert.deepEqual(mergeDuties(all), mergeDuties(all.toReversed()));
    }),
  );
});

test('law: the merged obligations are never looser than any one rule asked for', () => {
  fc.assert(
    fc.property(fc.array(duties, { minLength: 1, maxLength: 6 }), (all) => {
      const merged = mergeDuties(all);
      for (const one of all) {
        if (one.redact)
          assert.ok(rank(REDACTION_PROFILES, merged.redact) >= rank(REDACTION_PROFILES, one.redact));
        if (one.deidentify)
          assert.ok(rank(PROMPT_RULES, merged.deidentify) >= rank(PROMPT_RULES, one.deidentify));
        assert.ok(merged.images === 'deny' || one.images === 'allow');
        assert.ok((merged.maxTokens ?? Infinity) <= (one.maxTokens ?? Infinity));
        assert.ok((merged.retainDays ?? Infinity) <= (one.retainDays ?? Infinity));
        assert.ok(merged.humanReviewPercent >= (one.humanReviewPercent ?? 0));
        for (const desk of one.alerts ?? []) assert.ok(merged.alerts.includes(desk));
      }
    }),
  );
});

function rank(scale: readonly string[], word: string): number {
  return scale.indexOf(word);
}
