import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReplyReader } from '../../../gateway/adapters/upstream/reply-wire.ts';
import { readUsage } from '../../../gateway/adapters/upstream/usage-wire.ts';
import type { ReplyEvent } from '../../../gateway/core/models/upstream.ts';
import { isProblem } from './calls.ts';

const BOUNDS = { choices: 1, maxCompletionTokens: 100 };

function read(chunks: readonly unknown[], bounds = BOUNDS): ReplyEvent[] {
  const reader = createReplyReader(bounds);
  const events: ReplyEvent[] = [];
  for (const chunk of chunks) reader.readChunk(chunk, events);
  return events;
}

const say = (delta: unknown, more: object = {}) => ({ choices: [{ index: 0, delta, ...more }] });
const text = (value: string, field = 'content', choice = 0) => ({ kind: 'text', choice, field, text: value });
const stop = { kind: 'finish', choice: 0, reason: 'stop' };

test('neighbouring texts of one choice and field are one event', () => {
  const events = read([
    say({ content: 'a' }),
    say({ content: 'b' }),
    say({ refusal: 'c' }),
    say({ content: 'd' }),
  ]);
  assert.deepEqual(events, [text('ab'), text('c', 'refusal'), text('d')]);
});

test('what Azure adds around an answer says nothing', () => {
  const events = read([
    { choices: [], id: '', model: '', prompt_filter_results: [{ prompt_index: 0 }] },
    say({ role: 'assistant', content: '' }),
    say({ content: 'ok' }, { content_filter_results: { hate: { filtered: false } }, logprobs: null }),
    { choices: [{ index: 0, finish_reason: null, content_filter_offsets: { check_offset: 1 } }] },
    { ...say({ content: '!' }), obfuscation: 'xxxx', service_tier: 'default' },
    say({}, { finish_reason: 'stop' }),
  ]);
  assert.deepEqual(events, [text('ok!'), stop]);
});

test('reasoning, audio, legacy calls and unknown fields end at the border', () => {
  const delta = {
    reasoning_content: 'hidden',
    reasoning: 'hidden',
    audio: { transcript: 'hidden' },
    function_call: { name: 'hidden', arguments: '{}' },
    annotations: [{ url_citation: { title: 'hidden' } }],
    context: { intent: 'hidden' },
  };
  assert.deepEqual(read([say(delta)]), []);
});

test('content in parts is joined, and parts that are not text are dropped', () => {
  const parts = [
    { type: 'text', text: 'a' },
    { type: 'image_url', image_url: { url: 'x' } },
    { type: 'text', text: 'b' },
  ];
  assert.deepEqual(read([say({ content: parts })]), [text('ab')]);
});

test('a tool call is named once and its arguments follow, by index', () => {
  const fragment = (index: number, more: object) => say({ tool_calls: [{ index, ...more }] });
  const events = read([
    fragment(0, { id: 'call_a', type: 'function', function: { name: 'find', arguments: '' } }),
    fragment(0, { function: { arguments: '{"q":' } }),
    fragment(0, { id: 'call_a', function: { arguments: '1}' } }),
    fragment(1, { id: 'call_b', function: { name: 'list', arguments: '{}' } }),
    say({}, { finish_reason: 'tool_calls' }),
  ]);
  assert.deepEqual(events, [
    { kind: 'toolCall', choice: 0, index: 0, id: 'call_a', name: 'find' },
    { kind: 'toolArguments', choice: 0, index: 0, text: '{"q":1}' },
    { kind: 'toolCall', choice: 0, index: 1, id: 'call_b', name: 'list' },
    { kind: 'toolArguments', choice: 0, index: 1, text: '{}' },
    { kind: 'finish', choice: 0, reason: 'tool_calls' },
  ]);
});

test('a whole answer gives the same events, tool calls by position', () => {
  const reader = createReplyReader(BOUNDS);
  const events: ReplyEvent[] = [];
  const message = {
    content: 'ok',
    refusal: null,
    tool_calls: [
      { id: 'a', function: { name: 'x', arguments: '{}' } },
      { id: 'b', function: { name: 'y', arguments: '{}' } },
    ],
  };
  reader.readWhole(
    { choices: [{ index: 0, message, finish_reason: 'stop' }], system_fingerprint: 'fp_1' },
    events,
  );
  assert.deepEqual(
    events.map((event) => event.kind),
    ['text', 'toolCall', 'toolArguments', 'toolCall', 'toolArguments', 'finish'],
  );
  assert.ok(reader.isComplete());
  assert.equal(reader.fingerprint(), 'fp_1');
});

const NOT_UNDERSTOOD: readonly (readonly [string, unknown])[] = [
  ['an array', []],
  ['a number', 7],
  ['null', null],
  ['choices that are no list', { choices: {} }],
  ['a choice that is no object', { choices: ['x'] }],
  ['a choice never asked for', { choices: [{ index: 1, delta: { content: 'x' } }] }],
  ['a negative choice', { choices: [{ index: -1, delta: {} }] }],
  ['a choice named by a word', { choices: [{ index: '__proto__', delta: {} }] }],
  ['content that is a number', say({ content: 7 })],
  ['content that is an object', say({ content: { text: 'x' } })],
  ['an unknown finish reason', say({}, { finish_reason: 'function_call' })],
  ['tool calls that are no list', say({ tool_calls: {} })],
  ['a tool call without name', say({ tool_calls: [{ index: 0, id: 'a', function: { arguments: '{}' } }] })],
  ['a tool call without id', say({ tool_calls: [{ index: 0, function: { name: 'x' } }] })],
  ['a tool call that is no function', say({ tool_calls: [{ index: 0, id: 'a', custom: { name: 'x' } }] })],
  [
    'tool arguments that are an object',
    say({ tool_calls: [{ id: 'a', function: { name: 'x', arguments: {} } }] }),
  ],
  ['a tool index out of bounds', say({ tool_calls: [{ index: 1e9, id: 'a', function: { name: 'x' } }] })],
  ['a name of a megabyte', say({ tool_calls: [{ id: 'a', function: { name: 'x'.repeat(1e6) } }] })],
];

for (const [what, chunk] of NOT_UNDERSTOOD) {
  test(`${what} is not understood: upstream_error`, () => {
    assert.throws(() => read([chunk]), isProblem('upstream_error'));
  });
}

test('a tool call that changes its id is not understood', () => {
  const fragment = (id: string) =>
    say({ tool_calls: [{ index: 0, id, function: { name: 'x', arguments: '{' } }] });
  assert.throws(() => read([fragment('a'), fragment('b')]), isProblem('upstream_error'));
});

test('text after the finish of its choice is not understood, a repeated finish says nothing', () => {
  const end = say({}, { finish_reason: 'stop' });
  assert.deepEqual(read([end, end, say({ content: '' })]), [stop]);
  assert.throws(() => read([end, say({ content: 'more' })]), isProblem('upstream_error'));
});

test("a filter's verdict after the finish still stops the answer", () => {
  const end = (finish_reason: string) => ({ choices: [{ index: 0, finish_reason }] });
  assert.throws(() => read([end('stop'), end('content_filter')]), isProblem('content_filter'));
  assert.equal(read([end('content_filter'), end('content_filter')]).length, 1);
});

test('an answer that runs past its cap by fragments or by length is cut', () => {
  const bounds = { choices: 1, maxCompletionTokens: 10 };
  const fragments = (count: number) => Array.from({ length: count }, () => say({ content: 'x' }));
  assert.equal(read(fragments(75), bounds).length, 1);
  assert.throws(() => read(fragments(76), bounds), isProblem('upstream_error'));
  assert.throws(() => read([say({ content: 'x'.repeat(5_000) })], bounds), isProblem('upstream_error'));
});

test('an answer is complete when each choice asked for has ended', () => {
  const reader = createReplyReader({ choices: 2, maxCompletionTokens: 10 });
  reader.readChunk({ choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] }, []);
  assert.ok(!reader.isComplete());
  reader.readChunk({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] }, []);
  assert.ok(reader.isComplete());
});

test('a fingerprint that is no plain word is not taken over', () => {
  const reader = createReplyReader(BOUNDS);
  reader.readChunk({ choices: [], system_fingerprint: 'two words' }, []);
  assert.equal(reader.fingerprint(), null);
});

test('usage is read on any chunk, and each report is passed on', () => {
  const usage = { prompt_tokens: 5, completion_tokens: 2 };
  const events = read([{ ...say({ content: 'a' }), usage }, { usage }, { choices: [], usage: null }]);
  assert.equal(events.filter((event) => event.kind === 'usage').length, 2);
});

const USAGES: readonly (readonly [string, unknown, unknown])[] = [
  [
    'plain',
    { prompt_tokens: 5, completion_tokens: 2 },
    { input: 5, cachedInput: 0, output: 2, reasoning: 0 },
  ],
  [
    'zero is a value',
    { prompt_tokens: 0, completion_tokens: 0 },
    { input: 0, cachedInput: 0, output: 0, reasoning: 0 },
  ],
  [
    'details',
    {
      prompt_tokens: 9,
      completion_tokens: 6,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 5 },
    },
    { input: 9, cachedInput: 4, output: 6, reasoning: 5 },
  ],
  [
    'null details',
    { prompt_tokens: 9, completion_tokens: 6, prompt_tokens_details: null, completion_tokens_details: null },
    { input: 9, cachedInput: 0, output: 6, reasoning: 0 },
  ],
  [
    'reasoning beside the totals',
    { prompt_tokens: 1, completion_tokens: 6, reasoning_tokens: 3 },
    { input: 1, cachedInput: 0, output: 6, reasoning: 3 },
  ],
  [
    'details beyond their totals',
    {
      prompt_tokens: 1,
      completion_tokens: 2,
      prompt_tokens_details: { cached_tokens: 9 },
      reasoning_tokens: 9,
    },
    { input: 1, cachedInput: 1, output: 2, reasoning: 2 },
  ],
  [
    'out of range',
    { prompt_tokens: -5, completion_tokens: 1e308 },
    { input: 0, cachedInput: 0, output: Number.MAX_SAFE_INTEGER, reasoning: 0 },
  ],
  [
    'fractions',
    { prompt_tokens: 1.9, completion_tokens: 2.1 },
    { input: 1, cachedInput: 0, output: 2, reasoning: 0 },
  ],
  ['strings', { prompt_tokens: '5', completion_tokens: 2 }, undefined],
  ['half', { prompt_tokens: 5 }, undefined],
  ['a list', [], undefined],
  ['a word', 'many', undefined],
];

for (const [what, wire, expected] of USAGES) {
  test(`usage, ${what}`, () => assert.deepEqual(readUsage(wire), expected));
}
