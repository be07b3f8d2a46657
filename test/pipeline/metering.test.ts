import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWorld, type World } from '../world.ts';

const USAGE = {
  prompt_tokens: 21,
  completion_tokens: 8,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 5 },
};
const chunk = (more: object) => `data: ${JSON.stringify({ object: 'chat.completion.chunk', ...more })}`;
const text = chunk({
  choices: [{ index: 0, delta: { content: 'Rest, fluids, review.' }, finish_reason: null }],
});
const finish = (more: object = {}) =>
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], ...more });
const DONE = 'data: [DONE]';

const METERED = { tokensIn: 21, tokensCachedIn: 5, tokensOut: 8, source: 'upstream' };
const estimated = { tokensCachedIn: 0, tokensOut: 6, source: 'estimated' };

interface Row {
  readonly name: string;
  readonly raw: readonly string[];
  readonly metered: Readonly<Record<string, unknown>>;
}

const early = { usage: { ...USAGE, completion_tokens: 1 } };
const ROWS: readonly Row[] = [
  {
    name: 'usage on a chunk of its own',
    raw: [text, finish(), chunk({ choices: [], usage: USAGE }), DONE],
    metered: METERED,
  },
  { name: 'usage on the finish chunk', raw: [text, finish({ usage: USAGE }), DONE], metered: METERED },
  {
    name: 'usage twice: the last counts',
    raw: [text, finish(early), chunk({ choices: [], usage: USAGE }), DONE],
    metered: METERED,
  },
  {
    name: 'usage before the text',
    raw: [chunk({ choices: [], usage: USAGE }), text, finish(), DONE],
    metered: METERED,
  },
  { name: 'usage never', raw: [text, finish(), DONE], metered: estimated },
  { name: 'usage null', raw: [text, finish({ usage: null }), DONE], metered: estimated },
  {
    name: 'usage in words',
    raw: [text, finish({ usage: { prompt_tokens: 'many', completion_tokens: 'few' } }), DONE],
    metered: estimated,
  },
  {
    name: 'usage below zero',
    raw: [text, finish({ usage: { prompt_tokens: -5, completion_tokens: -1 } }), DONE],
    metered: estimated,
  },
  {
    name: 'usage of nothing at all',
    raw: [text, finish({ usage: { prompt_tokens: 0, completion_tokens: 0 } }), DONE],
    metered: estimated,
  },
  {
    name: 'usage beyond every model',
    raw: [text, finish({ usage: { prompt_tokens: 1e308, completion_tokens: 1e308 } }), DONE],
    metered: estimated,
  },
  {
    name: 'details larger than their totals',
    raw: [text, finish({ usage: { ...USAGE, prompt_tokens_details: { cached_tokens: 999 } } }), DONE],
    metered: { tokensIn: 21, tokensCachedIn: 21, tokensOut: 8, source: 'upstream' },
  },
  {
    name: 'details null',
    raw: [text, finish({ usage: { ...USAGE, prompt_tokens_details: null } }), DONE],
    metered: { ...METERED, tokensCachedIn: 0 },
  },
];

let world: World;
before(async () => {
  const fixtures = Object.fromEntries(ROWS.map(({ raw }, row) => [`row-${row}`, { raw }]));
  world = await openWorld({ fixtures });
});
after(() => world[Symbol.asyncDispose]());

ROWS.forEach(({ name, metered }, row) => {
  for (const stream of [false, true]) {
    test(`a request is metered exactly once: ${name} (stream: ${stream})`, async () => {
      const reply = await world.ask({ content: `SIMULATE row-${row}`, stream });
      assert.equal(reply.status, 200, reply.text);
      const lines = await world.usageOf(reply.id);
      assert.equal(lines.length, 1);
      const seen = Object.fromEntries(Object.entries(lines[0] ?? {}).filter(([name]) => name in metered));
      assert.deepEqual(seen, metered);
      const ending = (await world.recordsOf(reply.id)).at(-1);
      assert.deepEqual([ending?.tokensIn, ending?.tokensOut], [lines[0]?.tokensIn, lines[0]?.tokensOut]);
      assert.equal(lines[0]?.outcome, ending?.outcome);
    });
  }
});

test('the caller is told the figures that are metered', async () => {
  const whole = await world.ask('SIMULATE row-0');
  assert.deepEqual(
    [whole.body.usage.prompt_tokens, whole.body.usage.completion_tokens, whole.body.usage.total_tokens],
    [21, 8, 29],
  );
  const asked = await world.ask({
    content: 'SIMULATE row-1',
    stream: true,
    stream_options: { include_usage: true },
  });
  const last = asked.stream.chunks.at(-1);
  assert.deepEqual([last?.choices, last?.usage?.prompt_tokens, last?.usage?.completion_tokens], [[], 21, 8]);
  assert.ok(asked.stream.chunks.slice(0, -1).every((chunk) => chunk.usage === null));
});

test('a caller that did not ask for usage in a stream is not sent any', async () => {
  const { stream } = await world.ask({ content: 'SIMULATE row-1', stream: true });
  assert.ok(stream.chunks.every((chunk) => !('usage' in chunk) && chunk.choices.length === 1));
  assert.ok(stream.isDone);
});
