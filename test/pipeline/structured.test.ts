import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWorld, type World } from '../world.ts';

// Rows L12 to L15 of the attack catalogue. Everyone in it is invented.

const SSN = '536-22-8718';
const frame = (choices: readonly object[]) =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices })}`;
const says = (index: number, content: string) => frame([{ index, delta: { content }, finish_reason: null }]);
const ends = (index: number, reason = 'stop') => frame([{ index, delta: {}, finish_reason: reason }]);

const FIXTURES = {
  clean: { content: '{"dose":5,"note":"give fluids"}' },
  note: { content: `{"dose":5,"note":"SSN ${SSN}"}` },
  enumerated: { content: `{"who":"${SSN}"}` },
  patterned: { content: `{"dose":5,"ssn":"${SSN}"}` },
  numbered: { content: '{"latitude":44.0225}' },
  keys: { content: `{"${SSN}":1,"536-22-8719":2}` },
  inId: { content: '{"who":"[SSN]"}' },
  cut: { content: `{"who":"${SSN}"}`, finishReason: 'length' },
  toolNote: { toolArguments: { dose: 5, note: `SSN ${SSN}` } },
  toolNumber: { toolArguments: `{"dose":1e2,"latitude":-71.0589,"keys":{"${SSN}":true}}` },
  toolEnum: { toolArguments: { who: SSN } },
  toolKeys: { toolArguments: `{"${SSN}":1,"536-22-8719":2}` },
  three: {
    raw: [
      says(0, '{"dose":1,'),
      says(1, '{"dose":2,'),
      says(2, '{"dose":'),
      says(1, `"note":"SSN ${SSN.slice(0, 5)}`),
      says(2, '3,"note":"rest"}'),
      says(0, '"note":"fluids"}'),
      says(1, `${SSN.slice(5)}"}`),
      ends(2),
      ends(1),
      ends(0),
      'data: [DONE]',
    ],
  },
  threeBroken: {
    raw: [
      says(0, '{"who":"none"}'),
      says(1, `{"who":"${SSN}"}`),
      says(2, '{"who":"none"}'),
      ends(0),
      ends(1),
      ends(2),
      'data: [DONE]',
    ],
  },
  logprobs: {
    raw: [
      `data: ${JSON.stringify({
        choices: [
          {
            index: 0,
            delta: { content: `SSN ${SSN}` },
            logprobs: {
              content: [
                { token: SSN, bytes: [...Buffer.from(SSN)], logprob: -0.1, top_logprobs: [{ token: SSN }] },
              ],
              refusal: [{ token: SSN }],
            },
            finish_reason: null,
          },
        ],
      })}`,
      ends(0),
      'data: [DONE]',
    ],
  },
};

let world: World;
before(async () => {
  world = await openWorld({ fixtures: FIXTURES });
});
after(() => world[Symbol.asyncDispose]());

const TELLING = /536-22|22-871/;
const note = { dose: { type: 'integer', minimum: 0 }, note: { type: 'string' } };
const who = { who: { type: 'string', enum: [SSN, 'none'] } };
const ssn = { dose: { type: 'integer' }, ssn: { type: 'string', pattern: '^(\\d+-?)+$' } };
const place = { latitude: { type: 'number', minimum: 1 } };
const closed = (properties: object) => ({ type: 'object', properties, additionalProperties: false });
const format = (schema: object) => ({
  type: 'json_schema',
  json_schema: { name: 'answer', schema, strict: true },
});
const tool = (schema: object, strict: boolean) => [
  { type: 'function', function: { name: 'write_note', parameters: schema, strict } },
];

interface Row {
  readonly name: string;
  readonly asked: object;
  readonly ends: string;
  readonly broken: boolean;
}

const ROWS: readonly Row[] = [
  { name: 'clean', asked: { response_format: format(closed(note)) }, ends: 'stop', broken: false },
  { name: 'note', asked: { response_format: format(closed(note)) }, ends: 'stop', broken: false },
  {
    name: 'patterned',
    asked: { response_format: format(closed(ssn)) },
    ends: 'content_filter',
    broken: true,
  },
  {
    name: 'numbered',
    asked: { response_format: format(closed(place)) },
    ends: 'content_filter',
    broken: true,
  },
  { name: 'keys', asked: { response_format: { type: 'json_object' } }, ends: 'content_filter', broken: true },
  { name: 'cut', asked: { response_format: format(closed(who)) }, ends: 'length', broken: false },
  { name: 'toolNote', asked: { tools: tool(closed(note), true) }, ends: 'tool_calls', broken: false },
  { name: 'toolEnum', asked: { tools: tool(closed(who), true) }, ends: 'content_filter', broken: true },
  { name: 'toolEnum', asked: { tools: tool(closed(who), false) }, ends: 'tool_calls', broken: false },
  { name: 'toolNumber', asked: { tools: tool({ type: 'object' }, true) }, ends: 'tool_calls', broken: false },
  {
    name: 'toolKeys',
    asked: { tools: tool({ type: 'object' }, false) },
    ends: 'content_filter',
    broken: true,
  },
];

for (const stream of [false, true]) {
  for (const { name, asked, ends: reason, broken } of ROWS) {
    test(`redacted JSON ${broken ? 'that is no instance any more ends in' : 'stays what was asked and ends in'} ${reason}: ${name} (stream: ${stream})`, async () => {
      const reply = await world.ask({ content: `SIMULATE ${name}`, stream, ...asked });
      assert.equal(reply.status, 200, reply.text);
      assert.doesNotMatch(reply.text, TELLING);
      const choice = stream ? reply.stream.chunks.at(-1)?.choices[0] : reply.body.choices[0];
      assert.equal(choice?.finish_reason, reason);
      const ending = (await world.recordsOf(reply.id)).at(-1);
      assert.deepEqual(ending?.body.stopped, broken ? { schema_broken: 1 } : undefined);
      assert.deepEqual([ending?.outcome, ending?.reasonCode], ['success', broken ? 'schema_broken' : null]);
      assert.equal(ending?.body.redaction?.unitsScanned, ending?.body.redaction?.unitsEmitted);
    });
  }
}

test('numbers, escapes and keys of arguments stay JSON when identifiers are taken out', async () => {
  const reply = await world.ask({ content: 'SIMULATE toolNumber', tools: tool({ type: 'object' }, false) });
  const made = JSON.parse(reply.body.choices[0]?.message.tool_calls?.[0]?.function.arguments ?? '');
  assert.deepEqual(made, { dose: 100, latitude: 0, keys: { '[SSN]': true } });
});

test('an identifier in the schema itself is replaced for the model, and its answer is held to the caller’s schema', async () => {
  const schema = closed(who);
  const plain = await world.ask({ content: 'SIMULATE inId', response_format: format(schema) });
  assert.equal(plain.body.choices[0]?.finish_reason, 'content_filter');
  const simulated = await world.ask({ content: 'a cough', response_format: format(schema) });
  assert.equal(simulated.body.choices[0]?.finish_reason, 'content_filter');
  assert.doesNotMatch(simulated.text, TELLING);
});

for (const stream of [false, true]) {
  test(`of three interleaved choices each is clean and each is judged by itself (stream: ${stream})`, async () => {
    const asked = { n: 3, stream, response_format: format(closed(note)) };
    const reply = await world.ask({ content: 'SIMULATE three', ...asked });
    assert.doesNotMatch(reply.text, TELLING);
    const texts = new Map<number, string>();
    if (stream) {
      for (const { choices } of reply.stream.chunks)
        for (const { index, delta } of choices)
          texts.set(index, (texts.get(index) ?? '') + (delta.content ?? ''));
    } else for (const { index, message } of reply.body.choices) texts.set(index, message.content ?? '');
    const values = [...texts].toSorted(([a], [b]) => a - b).map(([, text]) => JSON.parse(text));
    assert.deepEqual(values, [
      { dose: 1, note: 'fluids' },
      { dose: 2, note: 'SSN [SSN]' },
      { dose: 3, note: 'rest' },
    ]);
  });
}

test('only the choice that redaction has broken ends in content_filter', async () => {
  const schema = closed({ who: { type: 'string', maxLength: 4 } });
  const reply = await world.ask({ content: 'SIMULATE threeBroken', n: 3, response_format: format(schema) });
  assert.deepEqual(
    reply.body.choices.map((choice) => choice.finish_reason),
    ['stop', 'content_filter', 'stop'],
  );
});

test('log probabilities are refused when asked for, and dropped when the host sends them all the same', async () => {
  for (const asked of [{ logprobs: true }, { top_logprobs: 2 }, { logprobs: true, top_logprobs: 2 }]) {
    const refused = await world.ask({ content: 'a cough', ...asked });
    assert.equal(refused.status, 400);
  }
  for (const stream of [false, true]) {
    const reply = await world.ask({ content: 'SIMULATE logprobs', stream });
    assert.doesNotMatch(reply.text, TELLING);
    assert.doesNotMatch(reply.text, /"(token|bytes|top_logprobs)"|53,51,54/);
  }
});
