import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { parseFixtures } from '../../gateway/adapters/upstream/simulated/fixtures.ts';
import { createSimulatedUpstream } from '../../gateway/adapters/upstream/simulated/simulated-upstream.ts';
import type { UpstreamModel } from '../../gateway/core/models/upstream.ts';
import { Problem } from '../../gateway/domain/problem.ts';
import { readStream } from '../support/sse.ts';
import { newPartner, type Partner } from '../support/steward.ts';
import { until } from '../support/until.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
let partner: Partner;
let url: string;
let model: UpstreamModel;
before(async () => {
  world = await openWorld();
  const limits = { requests_per_minute: 100_000, tokens_per_minute: 1_000_000_000, concurrent: 4 };
  partner = await newPartner(world, { limits });
  const upstream: UpstreamModel = {
    ...world.gateway.doors.house.upstream,
    ask: (call, signal) => model.ask(call, signal),
  };
  url = await world.serveWith((doors) => ({ ...doors, house: { ...doors.house, upstream } }));
});
after(() => world[Symbol.asyncDispose]());

const words = fc.constantFrom(
  'Rest. ',
  'Call 507-555-0142. ',
  'SSN 536-22-8718 ',
  'fluids ',
  'and ',
  '\u{1F3E5} ',
  '',
);
const tokens = fc.oneof(fc.integer({ min: -2, max: 5_000 }), fc.constantFrom(1e308, 2 ** 31, 0.5));
const fixture = fc.record(
  {
    chunks: fc.array(words, { maxLength: 12 }),
    refusal: fc.constantFrom('I cannot say.', ''),
    finishReason: fc.constantFrom('stop', 'length', 'content_filter', 'tool_calls', 'surprise'),
    usage: fc.oneof(fc.constant(null), fc.record({ prompt_tokens: tokens, completion_tokens: tokens })),
    status: fc.constantFrom(200, 400, 401, 403, 404, 408, 413, 422, 429, 500, 503),
    error: fc.constantFrom('content_filter', 'rate_limit_exceeded', 'boom'),
    cutAfterChunks: fc.nat({ max: 6 }),
    stallMs: fc.nat({ max: 8 }),
    toolArguments: fc.constantFrom('{"note":"call 507-555-0142"}', '{broken'),
  },
  { requiredKeys: [] },
);
const scene = fc.record({
  fixture,
  stream: fc.boolean(),
  n: fc.constantFrom(1, 1, 2),
  wantsUsage: fc.boolean(),
  /** How many pieces of the answer the caller reads before it leaves; null stays to the end. */
  leavesAfter: fc.option(fc.nat({ max: 5 }), { freq: 2 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer S> ? S : never;

/** Sends the request of a scene and gives what the caller saw, or null when it left. */
async function play({ stream, n, wantsUsage, leavesAfter }: Scene, id: string) {
  const leave = new AbortController();
  const body = {
    model: 'mayo-cr',
    messages: [{ role: 'user', content: 'SIMULATE it' }],
    n,
    stream,
    ...(stream && wantsUsage ? { stream_options: { include_usage: true } } : {}),
  };
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'api-key': partner.key, 'content-type': 'application/json', 'x-request-id': id },
    body: JSON.stringify(body),
    signal: leave.signal,
  });
  const isOver = async () => {
    let pieces = 0;
    let text = '';
    for await (const bytes of response.body ?? []) {
      text += Buffer.from(bytes).toString();
      pieces += 1;
      if (leavesAfter !== null && pieces > leavesAfter) leave.abort();
    }
    return text;
  };
  const text = await isOver().catch(() => null);
  return { status: response.status, text };
}

/** Nothing is held: a request that needs the tenant to be idle is let in. */
async function isIdle(): Promise<boolean> {
  const allowance = { requestsPerMinute: 1e9, tokensPerMinute: 1e12, concurrent: 1 };
  const { limiter } = world.gateway.doors.house;
  try {
    const reservation = await limiter.reserve({
      tenant: partner.tenantId,
      client: partner.client,
      tenantAllowance: allowance,
      clientAllowance: allowance,
      tokens: 1,
      lease: randomUUID(),
    });
    await reservation.settle(0);
    return true;
  } catch (problem) {
    assert.ok(problem instanceof Problem && problem.code === 'concurrency_exceeded');
    return false;
  }
}

test('whatever happens, a request ends once: one last record, one metered line, nothing held', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (given) => {
      const { clock } = world.gateway.doors.house;
      model = createSimulatedUpstream({
        clock,
        fixtures: parseFixtures(JSON.stringify({ it: given.fixture })),
      });
      const id = randomUUID();
      const seen = await play(given, id);
      const last = async () => (await world.recordsOf(id)).at(-1);
      assert.ok(
        await until(async () => (await last())?.phase === 'completed'),
        'the request has no end in the ledger',
      );
      assert.ok(await until(isIdle), 'a slot is still held');
      const records = await world.recordsOf(id);
      assert.deepEqual(
        records.map(({ phase }) => phase),
        ['decided', 'completed'],
      );
      const [line, ...more] = await world.usageOf(records[0]?.requestId ?? '');
      assert.deepEqual(more, []);
      assert.equal(line?.outcome, records[1]?.outcome);
      if (seen.text === null) return;
      const isWhole =
        given.stream && seen.status === 200 ? readStream(seen.text).isDone : seen.status === 200;
      if (isWhole) assert.equal(records[1]?.outcome, 'success');
      else assert.match(seen.text, /"error":\{"message"/);
      assert.doesNotMatch(seen.text, /536-22-8718|555-0142/);
    }),
    { numRuns: 80 },
  );
});
