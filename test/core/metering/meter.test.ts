import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readMeter } from '../../../gateway/core/metering/meter.ts';

const REPORTED = { input: 12, cachedInput: 4, output: 7, reasoning: 3 };
const EVIDENCE = {
  reported: REPORTED,
  wasAsked: true,
  callerLeft: false,
  promptBytes: 41,
  answerCharacters: 9,
};

test("the host's own figures count when it gave any", () => {
  assert.deepEqual(readMeter(EVIDENCE), { usage: REPORTED, source: 'upstream' });
});

test('figures that came after the caller left are the same figures, and say so', () => {
  assert.deepEqual(readMeter({ ...EVIDENCE, callerLeft: true }), { usage: REPORTED, source: 'drained' });
});

test('without figures the estimate counts, rounded up, four characters a token', () => {
  const { usage, source } = readMeter({ ...EVIDENCE, reported: undefined });
  assert.deepEqual([usage, source], [{ input: 11, cachedInput: 0, output: 3, reasoning: 0 }, 'estimated']);
});

test('what was never asked costs nothing', () => {
  const { usage, source } = readMeter({ ...EVIDENCE, wasAsked: false });
  assert.deepEqual([usage, source], [{ input: 0, cachedInput: 0, output: 0, reasoning: 0 }, 'none']);
});

test('figures that no model can have used are not believed: the estimate counts', () => {
  for (const reported of [
    { ...REPORTED, input: Number.MAX_SAFE_INTEGER },
    { ...REPORTED, output: 3_000_000_000 },
  ]) {
    assert.equal(readMeter({ ...EVIDENCE, reported }).source, 'estimated');
  }
});

test('whatever the host reports, details are parts of their totals and every count fits the ledger', () => {
  const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const usage = fc.record({ input: count, cachedInput: count, output: count, reasoning: count });
  const evidence = fc.record({
    reported: fc.option(usage, { nil: undefined }),
    wasAsked: fc.boolean(),
    callerLeft: fc.boolean(),
    promptBytes: fc.integer({ min: 0, max: 4_200_000 }),
    answerCharacters: fc.integer({ min: 0, max: 4_200_000 }),
  });
  fc.assert(
    fc.property(evidence, (given) => {
      const { usage } = readMeter(given);
      assert.ok(usage.cachedInput <= usage.input && usage.reasoning <= usage.output);
      for (const tokens of Object.values(usage)) {
        assert.ok(Number.isInteger(tokens) && tokens >= 0 && tokens <= 2_147_483_647);
      }
    }),
  );
});
