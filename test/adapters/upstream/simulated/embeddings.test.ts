import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFixtures } from '../../../../gateway/adapters/upstream/simulated/fixtures.ts';
import { createSimulatedUpstream } from '../../../../gateway/adapters/upstream/simulated/simulated-upstream.ts';
import type { EmbeddingsPrompt, Vector } from '../../../../gateway/core/models/embeddings.ts';
import { at } from '../../../../gateway/domain/clock.ts';
import { isProblem } from '../calls.ts';

const clock = { now: () => at(0) };

function embed(more: Partial<EmbeddingsPrompt> = {}, fixtures: object = {}) {
  const upstream = createSimulatedUpstream({ clock, fixtures: parseFixtures(JSON.stringify(fixtures)) });
  const prompt = { inputs: ['a cough'], encoding: 'float', ...more } as const;
  return upstream.embed({ requestId: 'req_1', deployment: 'any', prompt }, new AbortController().signal);
}

function numbersOf(vector: Vector | undefined): readonly number[] {
  if (typeof vector !== 'string') return vector ?? [];
  const bytes = Buffer.from(vector, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

test('the same text has the same unit vector, and another text another', async () => {
  const { vectors } = await embed({ inputs: ['a cough', 'a rash', 'a cough'] });
  const [cough, rash, again] = vectors.map(numbersOf);
  assert.deepEqual(cough, again);
  assert.notDeepEqual(cough, rash);
  for (const vector of [cough, rash]) {
    assert.equal(vector?.length, 256);
    assert.ok(Math.abs(Math.hypot(...(vector ?? [])) - 1) < 1e-6);
  }
});

test('base64 holds the very numbers that are given as floats', async () => {
  for (const dimensions of [1, 3, 256, 4_096]) {
    const [float] = (await embed({ dimensions })).vectors;
    const [base64] = (await embed({ dimensions, encoding: 'base64' })).vectors;
    assert.equal(typeof base64, 'string');
    assert.deepEqual(numbersOf(base64), float);
    assert.equal(float?.length, dimensions);
  }
});

test('usage is counted like that of a host, or as the fixture says', async () => {
  assert.deepEqual((await embed({ inputs: ['12345678', 'x'] })).usage, {
    input: 3,
    cachedInput: 0,
    output: 0,
    reasoning: 0,
  });
  const fixtures = { told: { usage: { prompt_tokens: 41, total_tokens: 41 } }, silent: { usage: null } };
  assert.equal((await embed({ inputs: ['SIMULATE told'] }, fixtures)).usage?.input, 41);
  assert.equal((await embed({ inputs: ['x\nSIMULATE silent'] }, fixtures)).usage, undefined);
});

test('a fixture named in an input refuses as a host would', async () => {
  const fixtures = {
    busy: { status: 429, stallMs: 1 },
    filtered: { status: 400, error: 'content_filter' },
    odd: { error: 'boom' },
    broken: { raw: ['{"data":', '[]}'] },
  };
  const codes = [
    ['busy', 'upstream_busy'],
    ['filtered', 'content_filter'],
    ['odd', 'upstream_error'],
    ['broken', 'upstream_error'],
  ] as const;
  for (const [name, code] of codes)
    await assert.rejects(embed({ inputs: ['a cough', `SIMULATE ${name}`] }, fixtures), isProblem(code));
});
