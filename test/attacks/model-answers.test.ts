import assert from 'node:assert/strict';
import { after } from 'node:test';
import {
  DONE,
  delta,
  finish,
  frame,
  JSON_TYPE,
  json,
  type Script,
  type ScriptedHost,
  SSE,
  answer as said,
  scriptedHost,
  sse,
} from '../adapters/upstream/scripted-host.ts';
import { readStream } from '../support/sse.ts';
import { CANARY, failed, post, row, SSN, settledOnce, underAttack } from './catalogue.ts';

let host: ScriptedHost;
let script: Script = json(200, said('Rest.'));
const target = underAttack(async () => {
  host = await scriptedHost((response, request, nth) => script(response, request, nth));
  return {
    environment: {
      MODEL_UPSTREAM: 'openai',
      MODEL_UPSTREAM_URL: host.baseUrl,
      MODEL_UPSTREAM_API_KEY: 'upstream-secret',
    },
  };
}, ['upstream_error']);
after(() => host[Symbol.asyncDispose]());

const PLAIN = 'Rest, drink enough, and come back when the fever lasts. ';
const LEAK = `${CANARY} SSN ${SSN}`;
const BROKEN = { status: 502, code: 'upstream_error' };

/** Asks for a stream and gives it as it came; what must never leave is looked for in all of it. */
async function streamed(played: Script, wish: Readonly<Record<string, unknown>> = {}) {
  script = played;
  const answer = await post(target, { stream: true, ...wish });
  assert.equal(answer.status, 200, answer.text);
  await settledOnce(target.world, answer);
  return readStream(answer.text);
}

async function whole(body: unknown, wish: Readonly<Record<string, unknown>> = {}) {
  script = json(200, body);
  const answer = await post(target, wish);
  assert.equal(answer.status, 200, answer.text);
  await settledOnce(target.world, answer);
  return JSON.parse(answer.text) as { choices: { message: Record<string, unknown> }[] };
}

/** The host answers 200 and writes these pieces; then it ends, or breaks the connection. */
const writing =
  (headers: Readonly<Record<string, string>>, pieces: readonly (string | Buffer)[], isCut = false): Script =>
  (response) => {
    response.writeHead(200, headers);
    for (const piece of pieces) response.write(piece);
    if (isCut) setImmediate(() => response.destroy());
    else response.end();
  };

const UNREAD: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  L14: {
    logprobs: { content: [{ token: LEAK, bytes: [53], top_logprobs: [{ token: LEAK }] }], refusal: [] },
  },
  L16: { reasoning_content: LEAK, reasoning: { summary: [LEAK] }, encrypted_content: LEAK, thinking: LEAK },
  L17: {
    annotations: [
      { type: 'url_citation', url_citation: { title: LEAK, url: `https://evil.example/${SSN}` } },
    ],
    context: {
      citations: [{ content: LEAK, filename: LEAK }],
      intent: LEAK,
      all_retrieved_documents: [LEAK],
    },
  },
  L18: {
    content_filter_results: {
      personally_identifiable_information: { redacted_text: LEAK, sub_categories: [LEAK] },
      custom_blocklists: { details: [{ id: LEAK }] },
    },
    content_filter_raw: [LEAK],
  },
  L45: { obfuscation: LEAK },
};
for (const [id, extra] of Object.entries(UNREAD)) {
  row(id, `what is not the answer itself is dropped: ${Object.keys(extra).join(', ')}`, async () => {
    const message = { role: 'assistant', content: PLAIN, ...extra };
    const choice = { index: 0, message, finish_reason: 'stop', ...extra };
    const body = await whole({ ...said(''), ...extra, choices: [choice] });
    assert.equal(body.choices[0]?.message.content, PLAIN);
    const piece = { index: 0, delta: { content: PLAIN, ...extra }, finish_reason: null, ...extra };
    const stream = await streamed(sse(frame({ ...extra, choices: [piece] }), finish(), DONE));
    assert.deepEqual([stream.text(), stream.isDone], [PLAIN, true]);
  });
}

row('L16', 'a refusal is redacted like an answer', async () => {
  const message = { role: 'assistant', content: null, refusal: `I cannot say why SSN ${SSN} is asked.` };
  const body = await whole({ ...said(''), choices: [{ index: 0, message, finish_reason: 'stop' }] });
  assert.equal(body.choices[0]?.message.refusal, 'I cannot say why SSN [SSN] is asked.');
});

row('L10', 'an identifier cut at every place of the stream leaves in no part', async () => {
  const text = `Patient SSN ${SSN} is well.`;
  for (let cut = 1; cut < text.length; cut += 1) {
    const pieces = [delta({ content: text.slice(0, cut) }), delta({ content: text.slice(cut) })];
    const stream = await streamed(sse(...pieces, finish(), DONE));
    assert.equal(stream.text(), 'Patient SSN [SSN] is well.');
  }
});

row('L15', 'of three choices that come crossed each is clean, and none spoils another', async () => {
  const letters = [...`SSN ${SSN}.`].flatMap((letter) =>
    [1, 2, 0].map((at) => delta({ content: letter }, at)),
  );
  const ends = [2, 0, 1].map((at) => finish('stop', at));
  const stream = await streamed(sse(...letters, ...ends, DONE), { n: 3 });
  for (const choice of [0, 1, 2]) assert.equal(stream.text(choice), 'SSN [SSN].');
  const choices = [PLAIN, PLAIN, `SSN ${SSN}.`].map((content, index) => ({
    index,
    message: { role: 'assistant', content },
    finish_reason: 'stop',
  }));
  const body = await whole({ ...said(''), choices }, { n: 3 });
  assert.deepEqual(
    body.choices.map(({ message }) => message.content),
    [PLAIN, PLAIN, 'SSN [SSN].'],
  );
});

row('L12', 'arguments of a tool stay JSON, whatever they hide an identifier in', async () => {
  const spelt = `{"note":"SSN \\u0035\\u0033\\u0036-22-8718","deep":"{\\"ssn\\":\\"${SSN}\\"}","${SSN}":1}`;
  const call = (text: string) => ({ index: 0, function: { arguments: text } });
  const opened = { index: 0, id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '' } };
  const tools = [{ type: 'function', function: { name: 'look_up' } }];
  const pieces = [...spelt].map((letter) => delta({ tool_calls: [call(letter)] }));
  const stream = await streamed(sse(delta({ tool_calls: [opened] }), ...pieces, finish('tool_calls'), DONE), {
    tools,
  });
  const made = stream.chunks
    .flatMap(({ choices }) => choices?.[0]?.delta.tool_calls ?? [])
    .map((part) => part.function.arguments ?? '')
    .join('');
  assert.doesNotThrow(() => JSON.parse(made), made);
  assert.doesNotMatch(made, /8718|\\u0035/);
});

row('L19', 'an address that the model writes carries nothing out', async () => {
  const content = 'Well. ![](https://evil.example/p?q=fever) [more](https://evil.example/c?d=fever)';
  const body = await whole(said(content));
  assert.doesNotMatch(String(body.choices[0]?.message.content), /evil|fever/);
  const stream = await streamed(
    sse(...[...content].map((letter) => delta({ content: letter })), finish(), DONE),
  );
  assert.doesNotMatch(stream.text(), /evil|fever/);
});

row('L20', 'a stream is redacted exactly like the whole answer', async () => {
  const content = `Dr. Ashdown saw SSN ${SSN} on 3/14/2021 at (507) 555-0142; metoprolol 25 mg.`;
  const body = await whole(said(content));
  const pieces = content.match(/.{1,7}/g) ?? [];
  const stream = await streamed(sse(...pieces.map((piece) => delta({ content: piece })), finish(), DONE));
  assert.equal(stream.text(), body.choices[0]?.message.content);
});

row('L23', 'what comes after [DONE] is dropped', async () => {
  const late = [delta({ content: LEAK }), frame({ error: { message: LEAK } }), DONE];
  const stream = await streamed(sse(delta({ content: PLAIN }), finish(), DONE, ...late));
  assert.deepEqual([stream.text(), stream.isDone], [PLAIN, true]);
});

row(
  'L46',
  'control characters and one word of a megabyte pass as JSON strings, and nothing else',
  async () => {
    const odd = '\u001b[31mred\u001b]0;title\u0007 \u2028\u2029\u0000\u009b31m end.';
    const stream = await streamed(sse(delta({ content: odd }), finish(), DONE));
    assert.equal(stream.text(), odd);
    const isControl = (unit: string) => unit < ' ' && unit !== '\n';
    assert.deepEqual([...stream.raw].filter(isControl), []);
    const word = delta({ content: 'a'.repeat(100_000) });
    assert.ok((await streamed(sse(word, finish(), DONE))).isDone);
    const tooLong = await streamed(sse(begun, ...Array.from({ length: 10 }, () => word), finish(), DONE));
    assert.deepEqual([tooLong.error?.code, tooLong.isDone], ['upstream_error', false]);
  },
);

const HALF = Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"caf\u00e9"}}]}\n\n').subarray(
  0,
  -9,
);
const LONG = PLAIN.repeat(12);
const begun = delta({ content: LONG });
const BREAKS: readonly (readonly [string, string, Script])[] = [
  ['L24', 'the end comes without a finish reason', sse(begun)],
  ['L24', '[DONE] comes without a finish reason', sse(begun, DONE)],
  ['L24', 'the connection is reset', writing(SSE, [begun], true)],
  ['L24', 'the end comes within a character', sse(begun, HALF)],
  ['L25', 'a frame is no JSON', sse(begun, 'data: {"choices":[{\n\n', finish(), DONE)],
  ['L25', 'a frame is a list', sse(begun, 'data: []\n\n', finish(), DONE)],
  ['L25', 'a line never ends', sse(begun, `data: {"choices":[],"x":"${'a'.repeat(2 * 1_048_576)}`)],
  ['L25', 'bytes are no UTF-8', sse(begun, Buffer.from([0x64, 0xff, 0xfe, 0x0a, 0x0a]))],
  ['L25', 'a choice was never asked for', sse(begun, delta({ content: LEAK }, 7), finish(), DONE)],
  [
    'L26',
    'it goes on beyond what was asked for',
    sse(...Array.from({ length: 400 }, () => begun), finish(), DONE),
  ],
];
for (const [id, name, played] of BREAKS) {
  row(id, `a stream that has begun ends in an error frame when ${name}`, async () => {
    const stream = await streamed(played, { max_completion_tokens: 300 });
    assert.deepEqual([stream.error?.code, stream.isDone], ['upstream_error', false]);
    assert.ok(LONG.repeat(400).startsWith(stream.text()), 'no more than what came before');
  });
}

const html = { 'content-type': 'text/html' };
const short = { ...JSON_TYPE, 'content-length': '4000' };
const NO_ANSWERS: readonly (readonly [string, Script, boolean])[] = [
  ['JSON for a stream', json(200, said(LEAK)), true],
  ['a stream for JSON', sse(delta({ content: LEAK }), finish(), DONE), false],
  ['HTML', writing(html, [`<html>${LEAK}</html>`]), false],
  ['HTML for a stream', writing(html, [`<html>${LEAK}</html>`]), true],
  ['no type at all', writing({}, [JSON.stringify(said(LEAK))]), false],
  ['a length that is not kept', writing(short, [JSON.stringify(said(LEAK))], true), false],
  ['compressed', json(200, said(LEAK), { 'content-encoding': 'gzip' }), false],
  ['NUL in JSON', json(200, `{"choices":\u0000}`), false],
  ['a redirect', (response) => void response.writeHead(307, { location: `${host.baseUrl}/x` }).end(), false],
  ['no choice', json(200, { choices: [] }), false],
  ['nothing', sse(DONE), true],
];
for (const [name, played, stream] of NO_ANSWERS) {
  row(
    'L27',
    `a host that answers with ${name} has not answered, and its words are not passed on`,
    async () => {
      script = played;
      await failed(target, await post(target, { stream }), BROKEN);
    },
  );
}
