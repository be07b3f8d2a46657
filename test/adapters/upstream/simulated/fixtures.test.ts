import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFixtures } from '../../../../gateway/adapters/upstream/simulated/fixtures.ts';
import { createSimulatedUpstream } from '../../../../gateway/adapters/upstream/simulated/simulated-upstream.ts';
import type { ChatPrompt } from '../../../../gateway/core/models/chat.ts';
import type { ModelReply, ReplyEvent } from '../../../../gateway/core/models/upstream.ts';
import { at } from '../../../../gateway/domain/clock.ts';
import { call, eventsOf, isProblem, prompt, textOf } from '../calls.ts';
import { delta, finish } from '../scripted-host.ts';

const live = new AbortController().signal;

function askFor(
  fixture: unknown,
  stream = true,
  signal = live,
  more: Partial<ChatPrompt> = {},
): Promise<ModelReply> {
  const fixtures = parseFixtures(JSON.stringify({ one: fixture }));
  const model = createSimulatedUpstream({ fixtures, clock: { now: () => at(0) } });
  const messages: ChatPrompt['messages'] = [
    { role: 'system', content: 'SIMULATE none' },
    { role: 'user', content: 'Before.\n  SIMULATE one \r\nAfter.' },
    { role: 'assistant', content: 'SIMULATE none' },
  ];
  return model.ask(call({ stream, prompt: prompt({ messages, ...more }) }), signal);
}

async function play(fixture: unknown, stream = true): Promise<ReplyEvent[]> {
  return eventsOf(await askFor(fixture, stream));
}

const kinds = (events: readonly ReplyEvent[]) => events.map((event) => event.kind);

test('a fixture that is a string is the answer, streamed or whole', async () => {
  for (const stream of [true, false]) {
    const events = await play('The canned answer, whole and unchanged.', stream);
    assert.equal(textOf(events), 'The canned answer, whole and unchanged.');
    assert.ok(events.some((event) => event.kind === 'finish' && event.reason === 'stop'));
    assert.ok(events.some((event) => event.kind === 'usage'));
  }
});

test('chunks fix how a stream is cut', async () => {
  const batches: string[] = [];
  for await (const batch of (await askFor({ chunks: ['Jo', 'hn D', 'oe'] })).events)
    batches.push(textOf(batch));
  assert.deepEqual(batches.filter(Boolean), ['Jo', 'hn D', 'oe']);
});

test('a name without fixture gets the ordinary answer', async () => {
  const model = createSimulatedUpstream({ fixtures: new Map(), clock: { now: () => at(0) } });
  const messages: ChatPrompt['messages'] = [{ role: 'user', content: 'SIMULATE unknown' }];
  const reply = await model.ask(call({ prompt: prompt({ messages }) }), live);
  assert.match(textOf(await eventsOf(reply)), /^Simulated answer/);
});

test('tool arguments may be text or an object, and reach the first tool', async () => {
  for (const toolArguments of ['{"ssn":"000-00-0000"}', { ssn: '000-00-0000' }]) {
    const reply = await askFor({ toolArguments }, true, live, { tools: [{ name: 'look_up' }] });
    const events = await eventsOf(reply);
    assert.equal(events.find((event) => event.kind === 'toolCall')?.name, 'look_up');
    const text = events.map((event) => (event.kind === 'toolArguments' ? event.text : '')).join('');
    assert.equal(text, '{"ssn":"000-00-0000"}');
    assert.ok(events.some((event) => event.kind === 'finish' && event.reason === 'tool_calls'));
  }
});

test('refusal, finish reason and usage are as the fixture says', async () => {
  const usage = {
    prompt_tokens: 11,
    completion_tokens: 22,
    completion_tokens_details: { reasoning_tokens: 5 },
  };
  const events = await play({ refusal: 'I cannot.', finishReason: 'length', usage });
  const refusal = events
    .map((event) => (event.kind === 'text' && event.field === 'refusal' ? event.text : ''))
    .join('');
  assert.equal(refusal, 'I cannot.');
  assert.ok(events.some((event) => event.kind === 'finish' && event.reason === 'length'));
  assert.deepEqual(events.find((event) => event.kind === 'usage')?.usage, {
    input: 11,
    cachedInput: 0,
    output: 22,
    reasoning: 5,
  });
});

test('usage null is never reported, and unreadable usage neither', async () => {
  assert.ok(!kinds(await play({ content: 'x', usage: null })).includes('usage'));
  assert.ok(!kinds(await play({ content: 'x', usage: { prompt_tokens: 'many' } })).includes('usage'));
});

test('an unknown finish reason is upstream_error, as from a host', async () => {
  await assert.rejects(play({ content: 'x', finishReason: 'tired' }), isProblem('upstream_error'));
});

test('a status goes through the table of errors before any answer', async () => {
  await assert.rejects(askFor({ status: 429 }), isProblem('upstream_busy'));
  await assert.rejects(askFor({ status: 404 }), isProblem('upstream_misconfigured'));
  await assert.rejects(askFor({ status: 400, error: 'content_filter' }), isProblem('content_filter'));
  const inner = { code: 'ResponsibleAIPolicyViolation' };
  await assert.rejects(
    askFor({ status: 400, error: { code: '400', innererror: inner } }),
    isProblem('content_filter'),
  );
  const body = { error: { code: 'BadRequest', inner_error: inner } };
  await assert.rejects(askFor({ status: 400, error: body }), isProblem('content_filter'));
});

test('an error without status breaks into the answer after its text', async () => {
  const reply = await askFor({ chunks: ['half'], error: { code: 'server_error' } });
  let text = '';
  const read = async () => {
    for await (const batch of reply.events) text += textOf(batch);
  };
  await assert.rejects(read(), isProblem('upstream_error'));
  assert.equal(text, 'half');
});

test('a stream cut after some chunks breaks off without finish', async () => {
  const reply = await askFor({ chunks: ['a', 'b', 'c'], cutAfterChunks: 2 });
  let text = '';
  const read = async () => {
    for await (const batch of reply.events) text += textOf(batch);
  };
  await assert.rejects(read(), isProblem('upstream_error'));
  assert.equal(text, 'ab');
  await assert.rejects(play({ content: 'x', cutAfterChunks: 0 }, false), isProblem('upstream_error'));
});

test('a stalled host answers late, and an abort ends the wait', async () => {
  assert.equal(textOf(await play({ content: 'late', stallMs: 5 })), 'late');
  const gone = new Error('the caller left');
  for (const fixture of [
    { content: 'x', stallMs: 120_000 },
    { status: 500, stallMs: 120_000 },
  ]) {
    const controller = new AbortController();
    const run = askFor(fixture, true, controller.signal).then(eventsOf);
    setTimeout(() => controller.abort(gone), 5);
    await assert.rejects(run, gone);
  }
});

test('raw lines go through the real decoder, cut as they are', async () => {
  const frames = delta({ content: 'raw' }) + finish();
  const lines = [
    ...frames.split('\n'),
    'data: [DONE]',
    '',
    'data: {"choices":[{"index":0,"delta":{"content":"LEAK"}}]}',
    '',
  ];
  for (const stream of [true, false]) assert.equal(textOf(await play({ raw: lines }, stream)), 'raw');
  await assert.rejects(play({ raw: ['data: {oops', ''] }), isProblem('upstream_error'));
});

test('raw lines without a blank one are an event each', async () => {
  const raw = [delta({ content: 'raw' }).trim(), finish().trim(), 'data: [DONE]'];
  assert.equal(textOf(await play({ raw })), 'raw');
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['text that is not JSON', '{', /not JSON/],
  ['a list', '[]', /the file/],
  ['an unknown field', '{"one":{"contents":"x"}}', /one/],
  ['a stall beyond two minutes', '{"one":{"stallMs":120001}}', /one\.stallMs/],
  ['chunks that are no list', '{"one":{"chunks":"x"}}', /one\.chunks/],
  ['a number for an answer', '{"one":7}', /one/],
];

for (const [what, text, message] of REFUSED) {
  test(`a fixtures file with ${what} is refused, and the message names the place`, () => {
    assert.throws(() => parseFixtures(text), message);
  });
}
