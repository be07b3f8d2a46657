import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWorld, type World } from '../world.ts';

const chunk = (more: object) => `data: ${JSON.stringify({ object: 'chat.completion.chunk', ...more })}`;
const said = (content: string, index = 0) =>
  chunk({ choices: [{ index, delta: { content }, finish_reason: null }] });
const finish = (reason = 'stop') => chunk({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
const DONE = 'data: [DONE]';

/** Identifiers that no answer may carry, whole or in part that tells; all invented. */
const IDENTIFIERS = ['536-22-8718', '(507) 555-0142', 'MRN 00482913', 'quill.ashdown@harbor.example'];
const SENTENCE = `Patient SSN ${IDENTIFIERS[0]}, phone ${IDENTIFIERS[1]}, ${IDENTIFIERS[2]}, e-mail ${IDENTIFIERS[3]}; give fluids.`;
const TELLING = /536-?22|22-8718|555-?0142|00482913|ashdown|harbor\.example/i;

/** Long enough that its first words leave while the rest is still looked at. */
const PLAIN = 'Rest, drink enough, and come back when the fever lasts. '.repeat(12);
const pieces = (size: number) => SENTENCE.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
const escaped = JSON.stringify({ note: SENTENCE, [IDENTIFIERS[3] ?? '']: 1 }).replaceAll('5', '\\u0035');

const FIXTURES = {
  whole: { content: SENTENCE },
  letters: { chunks: pieces(1) },
  threes: { chunks: pieces(3) },
  sevens: { chunks: pieces(7) },
  refusal: { refusal: SENTENCE },
  tool: { toolArguments: { note: SENTENCE, contact: { email: IDENTIFIERS[3] } } },
  escaped: { toolArguments: escaped },
  later: {
    raw: [
      said('Rest and fluids.', 0),
      chunk({ choices: [{ index: 1, delta: { content: SENTENCE }, finish_reason: null }] }),
      finish(),
      chunk({ choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] }),
      DONE,
    ],
  },
  crossed: {
    raw: [
      ...pieces(2).flatMap((piece) => [said(piece, 0), said(piece, 1)]),
      finish(),
      chunk({ choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] }),
      DONE,
    ],
  },
  unread: {
    raw: [
      chunk({
        choices: [],
        prompt_filter_results: [{ prompt_index: 0, content_filter_results: { custom: SENTENCE } }],
      }),
      chunk({
        choices: [
          {
            index: 0,
            delta: { content: 'Rest.', reasoning_content: SENTENCE, annotations: [{ title: SENTENCE }] },
            logprobs: { content: [{ token: SENTENCE }] },
            content_filter_results: { x: SENTENCE },
            finish_reason: null,
          },
        ],
        obfuscation: SENTENCE,
      }),
      finish(),
      DONE,
    ],
  },
  afterDone: { raw: [said('Rest.'), finish(), DONE, said(SENTENCE), 'data: {"error":{"message":"late"}}'] },
  noFinish: { raw: [said(PLAIN), said('fluids')] },
  cut: { chunks: [PLAIN, 'and ', 'fluids'], cutAfterChunks: 2 },
  empty: { raw: [DONE] },
  notJson: { raw: [said(PLAIN), 'data: {"choices":[{'] },
  errorFrame: { chunks: [PLAIN], error: { code: 'server_error', message: SENTENCE } },
  filtered: { chunks: ['Rest '], finishReason: 'content_filter' },
  filteredLate: { chunks: [PLAIN], error: { code: 'content_filter', message: SENTENCE } },
};

let world: World;
before(async () => {
  world = await openWorld({ fixtures: FIXTURES });
});
after(() => world[Symbol.asyncDispose]());

const tools = [{ type: 'function', function: { name: 'write_note', parameters: { type: 'object' } } }];

for (const stream of [false, true]) {
  for (const name of [
    'whole',
    'letters',
    'threes',
    'sevens',
    'refusal',
    'tool',
    'escaped',
    'later',
    'crossed',
    'unread',
  ]) {
    test(`identifiers in the model's answer never leave: ${name} (stream: ${stream})`, async () => {
      const more =
        name === 'tool' || name === 'escaped'
          ? { tools }
          : name === 'later' || name === 'crossed'
            ? { n: 2 }
            : {};
      const reply = await world.ask({ content: `SIMULATE ${name}`, stream, ...more });
      assert.equal(reply.status, 200, reply.text);
      const plain = JSON.stringify(stream ? spoken(reply.text) : JSON.parse(reply.text));
      assert.doesNotMatch(plain, TELLING);
      assert.doesNotMatch(reply.text, TELLING);
      if (name === 'unread') return;
      const counted = stream
        ? reply.stream.chunks.findLast((one) => one.stewardgate)?.stewardgate?.redactions
        : reply.body.stewardgate.redactions;
      assert.ok(Number(counted) >= 4, `${counted} redactions`);
      const ending = (await world.recordsOf(reply.id)).at(-1);
      assert.ok(Number(ending?.redactions) >= 4);
      assert.equal(ending?.body.redaction?.unitsScanned, ending?.body.redaction?.unitsEmitted);
    });
  }

  for (const name of ['tool', 'escaped']) {
    test(`arguments of a tool stay valid JSON when identifiers are taken out: ${name} (stream: ${stream})`, async () => {
      const reply = await world.ask({ content: `SIMULATE ${name}`, stream, tools });
      const text = stream
        ? reply.stream.chunks
            .flatMap((one) => one.choices[0]?.delta.tool_calls ?? [])
            .map((call) => call.function.arguments ?? '')
            .join('')
        : reply.body.choices[0]?.message.tool_calls?.[0]?.function.arguments;
      const { note } = JSON.parse(text ?? '');
      assert.match(note, /give fluids/);
      assert.doesNotMatch(JSON.stringify(JSON.parse(text ?? '')), TELLING);
    });
  }
}

/** Every text in a stream, each put together over its chunks. */
function spoken(raw: string): readonly string[] {
  const lanes = new Map<string, string>();
  const add = (lane: string, text: string | undefined) =>
    lanes.set(lane, (lanes.get(lane) ?? '') + (text ?? ''));
  for (const frame of raw.split('\n\n').filter((one) => one.startsWith('data: {'))) {
    for (const { index, delta } of JSON.parse(frame.slice(6)).choices) {
      add(`${index} content`, delta.content);
      add(`${index} refusal`, delta.refusal);
      for (const call of delta.tool_calls ?? []) add(`${index} tool ${call.index}`, call.function.arguments);
    }
  }
  return [...lanes.values()];
}

test('a stream says the same as the whole answer to the same prompt', async () => {
  for (const content of ['Adult with chest pain', 'SIMULATE whole', 'SIMULATE sevens', 'SIMULATE letters']) {
    const [whole, streamed] = await Promise.all([world.ask(content), world.ask({ content, stream: true })]);
    assert.equal(streamed.stream.text(), whole.body.choices[0]?.message.content);
  }
});

test('a stream has one shape: role first, the finish with its metadata last, one id, then [DONE]', async () => {
  const reply = await world.ask({ content: 'a rash', stream: true });
  const { chunks, isDone } = reply.stream;
  assert.ok(isDone);
  assert.equal(reply.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(reply.headers.get('cache-control'), 'no-cache, no-transform');
  assert.equal(reply.headers.get('x-stewardgate-redactions'), null);
  assert.equal(chunks[0]?.choices[0]?.delta.role, 'assistant');
  assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
  assert.ok(chunks.every((one) => one.choices.every(({ delta }) => typeof delta === 'object')));
  const last = chunks.at(-1);
  assert.deepEqual(last?.choices, [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }]);
  assert.equal(last?.stewardgate?.decision_id, reply.headers.get('x-stewardgate-decision-id'));
  assert.equal(last?.stewardgate?.policy_set, reply.headers.get('x-stewardgate-policy-set'));
  assert.equal(last?.stewardgate?.model_version, 'mayo-cr-1');
  assert.ok(chunks.slice(0, -1).every((one) => one.stewardgate === undefined));
});

test('what comes after [DONE] is dropped', async () => {
  const streamed = await world.ask({ content: 'SIMULATE afterDone', stream: true });
  assert.equal(streamed.stream.text(), 'Rest.');
  assert.ok(streamed.stream.isDone);
  assert.doesNotMatch(streamed.text, /"late"|SSN/);
});

for (const name of ['noFinish', 'cut', 'notJson', 'errorFrame']) {
  test(`an answer that breaks off ends in an error frame, never in [DONE]: ${name}`, async () => {
    const reply = await world.ask({ content: `SIMULATE ${name}`, stream: true });
    assert.equal(reply.status, 200);
    assert.match(reply.stream.text(), /^Rest, drink enough/);
    assert.equal(reply.stream.error?.code, 'upstream_error');
    assert.equal(reply.stream.isDone, false);
    assert.match(reply.text, /"error":\{[^\n]*\n\n$/, 'the error is the last frame');
    assert.doesNotMatch(reply.text, TELLING);
    const ending = (await world.recordsOf(reply.id)).at(-1);
    assert.deepEqual([ending?.outcome, ending?.errorCode], ['upstream_error', 'upstream_error']);
    assert.equal((await world.usageOf(reply.id))[0]?.source, 'estimated');
    const whole = await world.ask(`SIMULATE ${name}`);
    assert.deepEqual([whole.status, whole.body.error.code], [502, 'upstream_error']);
  });
}

test('an answer without a word is no answer: 502 before anything is sent', async () => {
  for (const stream of [false, true]) {
    const reply = await world.ask({ content: 'SIMULATE empty', stream });
    assert.deepEqual([reply.status, reply.body.error.code], [502, 'upstream_error']);
  }
});

test('a content filter that stops the answer is its finish reason; one that strikes as an error is told', async () => {
  const { stream } = await world.ask({ content: 'SIMULATE filtered', stream: true });
  assert.equal(stream.chunks.at(-1)?.choices[0]?.finish_reason, 'content_filter');
  assert.ok(stream.isDone);
  const late = await world.ask({ content: 'SIMULATE filteredLate', stream: true });
  assert.equal(late.stream.error?.code, 'content_filter');
  assert.equal(late.stream.isDone, false);
  assert.doesNotMatch(late.text, TELLING);
});
