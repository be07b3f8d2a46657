import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createReplyStream } from '../../../gateway/adapters/upstream/reply-stream.ts';
import type { ReplyEvent } from '../../../gateway/core/models/upstream.ts';
import { isProblem, joined, textOf } from './calls.ts';
import { DONE, delta, finish, frame } from './scripted-host.ts';

const BOUNDS = { choices: 2, maxCompletionTokens: 1_000 };

function decode(pieces: readonly (string | Uint8Array)[], bounds = { ...BOUNDS, choices: 1 }): ReplyEvent[] {
  const stream = createReplyStream(bounds);
  const events: ReplyEvent[] = [];
  for (const piece of pieces) stream.feed(Buffer.from(piece), events);
  stream.end();
  return events;
}

const RECORDED = [
  frame({ id: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] }),
  ': ping\n\n',
  delta({ role: 'assistant', content: '' }),
  delta({ content: 'Fièvre — 39 °C ' }).replaceAll('\n', '\r\n'),
  delta({ content: 'bei 👶🏽 und ' }, 1),
  'event: message\nid: 7\nretry: 10\n',
  delta({ content: 'rien d’autre' }),
  delta({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'find', arguments: '{"q":"é' } }] }, 1),
  delta({ tool_calls: [{ index: 0, function: { arguments: '"}' } }] }, 1),
  finish('stop'),
  finish('tool_calls', 1),
  frame({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 9 } }),
  DONE,
  delta({ content: 'after the end' }),
].join('');

test('any cut of the bytes gives the same events', () => {
  const bytes = Buffer.from(RECORDED);
  const whole = joined(decode([bytes], BOUNDS));
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, at) => bytes.subarray(places[at], end));
      assert.deepEqual(joined(decode(pieces, BOUNDS)), whole);
    }),
  );
});

test('bytes one by one give the same events', () => {
  const bytes = Buffer.from(RECORDED);
  const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
  assert.deepEqual(joined(decode(pieces, BOUNDS)), joined(decode([bytes], BOUNDS)));
});

test('everything after [DONE] is dropped, be it text, an error or no UTF-8', () => {
  const tail = [delta({ content: 'LEAK' }), frame({ error: { code: 'server_error' } }), Uint8Array.of(0xff)];
  assert.equal(textOf(decode([delta({ content: 'ok' }), finish(), DONE, ...tail])), 'ok');
  assert.equal(textOf(decode([delta({ content: 'ok' }) + finish() + DONE + tail[0]])), 'ok');
});

const BROKEN: readonly (readonly [string, readonly (string | Uint8Array)[]])[] = [
  ['an end without a finish reason', [delta({ content: 'Blood pressure ' })]],
  ['[DONE] without a finish reason', [delta({ content: 'Blood pressure ' }), DONE]],
  ['no bytes at all', []],
  ['an event without its blank line', [finish().trimEnd()]],
  ['an end inside a character', [finish(), Buffer.from('é').subarray(0, 1)]],
  ['bytes that are not UTF-8', [Buffer.from([0x64, 0xc3, 0x28]), finish()]],
  ['a payload that is not JSON', ['data: {"choices":[\n\n', finish()]],
  ['a payload with NUL', ['data: \0\n\n', finish()]],
  ['an event of 10 MB', ['data: ', ...Array.from({ length: 160 }, () => 'x'.repeat(65_536))]],
  ['an event of endless data lines', Array.from({ length: 40 }, () => `data: ${'x'.repeat(60_000)}\n`)],
];

for (const [what, pieces] of BROKEN) {
  test(`${what} is upstream_error`, () => {
    assert.throws(() => decode(pieces), isProblem('upstream_error'));
  });
}

test('an error frame is the problem it names, and what came before it is kept', () => {
  const stream = createReplyStream({ ...BOUNDS, choices: 1 });
  const events: ReplyEvent[] = [];
  const bytes = Buffer.from(delta({ content: 'half' }) + frame({ error: { code: 'content_filter' } }));
  assert.throws(() => stream.feed(bytes, events), isProblem('content_filter'));
  assert.equal(textOf(events), 'half');
});

test('comments, empty data and events without choices say nothing', () => {
  const events = decode([': ping\n\n', 'data:\n\n', 'event: ping\ndata: {}\n\n', finish(), DONE]);
  assert.deepEqual(events, [{ kind: 'finish', choice: 0, reason: 'stop' }]);
});

test('an endless comment is dropped, not held', () => {
  const events = decode([...Array.from({ length: 64 }, () => `:${'x'.repeat(65_536)}`), '\n\n', finish()]);
  assert.equal(events.length, 1);
});
