import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI, { APIError, AzureOpenAI, BadRequestError, NotFoundError, PermissionDeniedError } from 'openai';
import { keyOf, openWorld, type World } from '../world.ts';

const PLAIN = 'Rest, drink enough, and come back when the fever lasts. '.repeat(12);

let world: World;
before(async () => {
  world = await openWorld({
    fixtures: {
      stopped: { chunks: [PLAIN, 'and '], finishReason: 'content_filter' },
      broken: { chunks: [PLAIN, 'and '], cutAfterChunks: 2 },
      declined: { refusal: 'I cannot help with that.' },
      named: { content: 'Call the patient on 507-555-0142.' },
    },
  });
});
after(() => world[Symbol.asyncDispose]());

const MODEL = 'mayo-cr';
const apiKey = () => keyOf(world.demo, 'northwind');
const CLIENTS = {
  OpenAI: () => new OpenAI({ baseURL: `${world.url}/v1`, apiKey: apiKey(), maxRetries: 0 }),
  'OpenAI on the Azure path': () =>
    new OpenAI({ baseURL: `${world.url}/openai/v1`, apiKey: apiKey(), maxRetries: 0 }),
  AzureOpenAI: () =>
    new AzureOpenAI({
      baseURL: `${world.url}/openai`,
      apiKey: apiKey(),
      apiVersion: '2025-04-01-preview',
      maxRetries: 0,
    }),
};

for (const [name, make] of Object.entries(CLIENTS)) {
  test(`a stock client asks, streams and helps itself to the same response: ${name}`, async () => {
    const client = make();
    const asked = { model: MODEL, input: 'a cough', instructions: 'Be brief.' };
    const whole = await client.responses.create(asked);
    assert.match(whole.output_text, /^Simulated answer/);
    assert.deepEqual([whole.status, whole.instructions], ['completed', 'Be brief.']);
    assert.match(whole._request_id ?? '', /^req_/);
    let text = '';
    let usage: OpenAI.Responses.ResponseUsage | undefined;
    for await (const event of await client.responses.create({ ...asked, stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.completed') usage = event.response.usage;
    }
    assert.deepEqual([text, usage], [whole.output_text, whole.usage]);
    const final = await client.responses.stream(asked).finalResponse();
    assert.deepEqual([final.output_text, final.usage], [text, usage]);
  });
}

const lookUp = {
  type: 'function' as const,
  name: 'look_up_dose',
  description: 'Finds the usual dose of a drug',
  strict: true,
  parameters: {
    type: 'object',
    properties: { drug: { type: 'string' }, weightKg: { type: 'number', minimum: 1 } },
    required: ['drug', 'weightKg'],
  },
};

for (const streamed of [false, true]) {
  test(`a tool goes there and back, with the whole output sent along (stream: ${streamed})`, async () => {
    const client = CLIENTS.OpenAI();
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Which dose?' }];
    const body = { model: MODEL, input, tools: [lookUp] };
    const first = streamed
      ? lastOf(await Array.fromAsync(await client.responses.create({ ...body, stream: true })))
      : await client.responses.create(body);
    const [call] = first.output;
    assert.ok(call?.type === 'function_call' && call.name === 'look_up_dose');
    const made = JSON.parse(call.arguments);
    assert.ok(typeof made.drug === 'string' && made.weightKg >= 1);
    const result = {
      type: 'function_call_output' as const,
      call_id: call.call_id,
      output: '{"dose":"500 mg"}',
    };
    const second = await client.responses.create({ ...body, input: [...input, ...sentBack(first), result] });
    assert.match(second.output_text, /^Simulated answer/);
    const third = await client.responses.create({
      ...body,
      tool_choice: 'none',
      input: [
        ...input,
        ...sentBack(first),
        result,
        ...sentBack(second),
        { role: 'user', content: 'And at night?' },
      ],
    });
    assert.equal(third.status, 'completed');
  });
}

/** The client's types would have its own output items told apart first; its documentation sends them back as they are. */
function sentBack({ output }: OpenAI.Responses.Response): OpenAI.Responses.ResponseInput {
  return output as OpenAI.Responses.ResponseInput;
}

function lastOf(events: readonly OpenAI.Responses.ResponseStreamEvent[]): OpenAI.Responses.Response {
  const last = events.at(-1);
  assert.ok(last?.type === 'response.completed');
  return last.response;
}

test('the helper reads the arguments of a strict tool', async () => {
  const runner = CLIENTS.OpenAI().responses.stream({ model: MODEL, input: 'Which dose?', tools: [lookUp] });
  const [call] = (await runner.finalResponse()).output;
  assert.ok(call?.type === 'function_call');
  const { drug } = call.parsed_arguments as { drug: unknown };
  assert.equal(typeof drug, 'string');
});

test('an answer by a JSON schema is an instance of it, parsed by the helper too', async () => {
  const client = CLIENTS.OpenAI();
  const schema = {
    type: 'object',
    properties: {
      urgency: { enum: ['low', 'high'] },
      steps: { type: 'array', items: { type: 'string' }, minItems: 2 },
    },
    required: ['urgency', 'steps'],
    additionalProperties: false,
  };
  const text = { format: { type: 'json_schema' as const, name: 'triage', schema, strict: true } };
  const asked = { model: MODEL, input: 'Triage this', text };
  const made = JSON.parse((await client.responses.create(asked)).output_text);
  assert.ok(['low', 'high'].includes(made.urgency) && made.steps.length >= 2);
  const parsed = await client.responses.parse<typeof asked, typeof made>(asked);
  assert.deepEqual(parsed.output_parsed, made);
});

test('a refusal of the model is a refusal to the client', async () => {
  const { output, output_text } = await CLIENTS.OpenAI()
    .responses.stream({ model: MODEL, input: 'SIMULATE declined' })
    .finalResponse();
  const [item] = output;
  const [part] = item?.type === 'message' ? item.content : [];
  assert.deepEqual([output_text, part?.type === 'refusal' && part.refusal], ['', 'I cannot help with that.']);
});

test('an answer that policy stops is incomplete to the client, whole or streamed', async () => {
  const client = CLIENTS.OpenAI();
  const asked = { model: MODEL, input: 'SIMULATE stopped' };
  const streamed = await client.responses.stream(asked).finalResponse();
  for (const response of [await client.responses.create(asked), streamed]) {
    assert.deepEqual(
      [response.status, response.incomplete_details?.reason],
      ['incomplete', 'content_filter'],
    );
    assert.match(response.output_text, /^Rest, drink/);
  }
});

test('a stream that breaks off is an error to the client, never a short answer', async () => {
  const client = CLIENTS.OpenAI();
  const asked = { model: MODEL, input: 'SIMULATE broken' };
  let text = '';
  const read = async () => {
    for await (const event of await client.responses.create({ ...asked, stream: true }))
      if (event.type === 'response.output_text.delta') text += event.delta;
  };
  const isUpstreams = (thrown: unknown) => thrown instanceof APIError && thrown.code === 'upstream_error';
  await assert.rejects(read, isUpstreams);
  assert.match(text, /^Rest, drink/);
  await assert.rejects(client.responses.stream(asked).finalResponse(), isUpstreams);
});

test('no identifier reaches the client in any event', async () => {
  const asked = { model: MODEL, input: 'SIMULATE named', stream: true as const };
  const events = await Array.fromAsync(await CLIENTS.OpenAI().responses.create(asked));
  assert.doesNotMatch(JSON.stringify(events), /555-0142/);
  assert.match(JSON.stringify(lastOf(events).output), /Call the patient/);
});

test('a stock client understands why it was refused', async () => {
  const { responses } = CLIENTS.OpenAI();
  const asked = { model: MODEL, input: 'x' };
  const refusals = [
    [() => responses.create({ ...asked, store: true }), BadRequestError, 'store'],
    [() => responses.create({ ...asked, background: true }), BadRequestError, 'background'],
    [
      () => responses.create({ ...asked, previous_response_id: 'resp_1' }),
      BadRequestError,
      'previous_response_id',
    ],
    [() => responses.create({ ...asked, tools: [{ type: 'web_search' }] }), PermissionDeniedError, 'tools'],
    [() => responses.create({ ...asked, model: 'mayo-cr-9' }), NotFoundError, 'model'],
  ] as const;
  for (const [how, kind, param] of refusals) {
    await assert.rejects(how, (thrown: unknown) => {
      assert.ok(thrown instanceof kind && thrown instanceof APIError, String(thrown));
      assert.equal(thrown.param, param);
      assert.match(thrown.requestID ?? '', /^req_/);
      return true;
    });
  }
  await assert.rejects(responses.retrieve('resp_1').then(), NotFoundError);
});
