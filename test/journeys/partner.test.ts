import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import request from 'supertest';
import { Problem } from '../../gateway/domain/problem.ts';
import { newPartner } from '../support/steward.ts';
import { keyOf, openWorld, type World } from '../world.ts';

const LONG = 'Rest, drink enough, and come back when the fever lasts. '.repeat(12);

let world: World;
before(async () => {
  world = await openWorld({
    fixtures: {
      broken: { chunks: [LONG, 'and '], cutAfterChunks: 2 },
      unwell: { status: 500 },
      filtered: { status: 400, error: 'content_filter' },
      declined: { refusal: 'I cannot help with that.' },
    },
  });
});
after(() => world[Symbol.asyncDispose]());

const user = (content: string) => [{ role: 'user' as const, content }];

interface Sdk {
  readonly client: OpenAI;
  /** How many requests the client has sent, its own retries included. */
  readonly sent: () => number;
}

function sdk(key = keyOf(world.demo, 'northwind'), more: ConstructorParameters<typeof OpenAI>[0] = {}): Sdk {
  let sent = 0;
  const client = new OpenAI({
    apiKey: key,
    baseURL: `${world.url}/v1`,
    ...more,
    fetch: (...args: Parameters<typeof fetch>) => {
      sent += 1;
      return fetch(...args);
    },
  });
  return { client, sent: () => sent };
}

test('a partner with its key and no other header gets an answer', async () => {
  const reply = await request(world.url)
    .post('/v1/chat/completions')
    .set('authorization', `Bearer ${keyOf(world.demo, 'northwind')}`)
    .send({ model: 'mayo-cr', messages: user('Adult with new hypertension: what next?') });
  assert.equal(reply.status, 200);
  assert.match(reply.body.choices[0].message.content, /^Simulated answer/);
  assert.deepEqual([reply.body.model, reply.body.system_fingerprint], ['mayo-cr-1', 'simulated']);
  assert.equal(reply.headers['x-stewardgate-model-version'], 'mayo-cr-1');
  assert.equal(reply.headers['x-stewardgate-redactions'], '0');
  assert.equal(reply.headers['x-ratelimit-limit-requests'], '600');
});

test('each demo tenant gets an answer in its own way', async () => {
  const cases = [
    ['mayo', { 'x-stewardgate-user': 'clinician-1' }, 'mayo-cr-3'],
    ['northwind', {}, 'mayo-cr-1'],
    ['lakeside', {}, 'mayo-cr-1'],
    ['summit', { 'x-stewardgate-data-class': 'limited' }, 'mayo-cr-1'],
  ] as const;
  for (const [tenant, headers, version] of cases) {
    const reply = await world.ask('a cough', { key: keyOf(world.demo, tenant), headers });
    assert.deepEqual([reply.status, reply.body.model], [200, version], `${tenant}: ${reply.text}`);
  }
});

test('a stock client asks and is answered', async () => {
  const { client } = sdk();
  const answer = await client.chat.completions.create({
    model: 'mayo-cr',
    messages: user('a cough'),
    max_tokens: 64,
    temperature: 0,
    store: false,
    user: 'clinician-1',
  });
  assert.match(answer.choices[0]?.message.content ?? '', /^Simulated answer/);
  assert.equal(answer.choices[0]?.finish_reason, 'length');
  assert.ok((answer.usage?.total_tokens ?? 0) > 64);
  assert.match(answer._request_id ?? '', /^req_/);
});

test('a stock client streams, with usage when it asks for it', async () => {
  const { client } = sdk();
  const stream = await client.chat.completions.create({
    model: 'mayo-cr',
    messages: user('a cough'),
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let usage: OpenAI.CompletionUsage | null | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  const whole = await client.chat.completions.create({ model: 'mayo-cr', messages: user('a cough') });
  assert.equal(text, whole.choices[0]?.message.content);
  assert.deepEqual(usage, whole.usage);
  const helper = client.chat.completions.stream({ model: 'mayo-cr', messages: user('a cough') });
  assert.equal(await helper.finalContent(), text);
});

test('a stock client lists and reads the models that it may use', async () => {
  const { client } = sdk();
  const ids: string[] = [];
  for await (const { id } of client.models.list()) ids.push(id);
  assert.deepEqual(ids, ['mayo-cr-2', 'mayo-cr-1', 'mayo-cr']);
  assert.equal((await client.models.retrieve('mayo-cr-1')).id, 'mayo-cr-1');
  await assert.rejects(client.models.retrieve('mayo-cr-3').then(), NotFoundError);
});

const lookUp = {
  type: 'function' as const,
  function: {
    name: 'look_up_dose',
    description: 'Finds the usual dose of a drug',
    parameters: {
      type: 'object',
      properties: { drug: { type: 'string' }, weightKg: { type: 'number', minimum: 1 } },
      required: ['drug', 'weightKg'],
    },
  },
};

for (const streamed of [false, true]) {
  test(`a tool goes there and back (stream: ${streamed})`, async () => {
    const { client } = sdk();
    const body = { model: 'mayo-cr', messages: user('Which dose?'), tools: [lookUp] };
    const first = streamed
      ? await client.chat.completions.stream(body).finalChatCompletion()
      : await client.chat.completions.create(body);
    const said = first.choices[0]?.message;
    assert.equal(first.choices[0]?.finish_reason, 'tool_calls');
    const call = said?.tool_calls?.[0];
    assert.ok(said !== undefined && call?.type === 'function' && call.function.name === 'look_up_dose');
    const made = JSON.parse(call.function.arguments);
    assert.ok(typeof made.drug === 'string' && made.weightKg >= 1);
    const second = await client.chat.completions.create({
      ...body,
      messages: [
        ...body.messages,
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: call.id, type: 'function', function: call.function }],
        },
        { role: 'tool', tool_call_id: call.id, content: '{"dose":"500 mg"}' },
      ],
    });
    assert.equal(second.choices[0]?.finish_reason, 'stop');
    assert.match(second.choices[0]?.message.content ?? '', /^Simulated answer/);
  });
}

test('an answer by a JSON schema is an instance of it', async () => {
  const { client } = sdk();
  const schema = {
    type: 'object',
    properties: {
      urgency: { enum: ['low', 'high'] },
      steps: { type: 'array', items: { type: 'string' }, minItems: 2 },
    },
    required: ['urgency', 'steps'],
    additionalProperties: false,
  };
  const format = { type: 'json_schema' as const, json_schema: { name: 'triage', schema, strict: true } };
  const answer = await client.chat.completions.create({
    model: 'mayo-cr',
    messages: user('Triage this'),
    response_format: format,
  });
  const made = JSON.parse(answer.choices[0]?.message.content ?? '');
  assert.ok(['low', 'high'].includes(made.urgency) && made.steps.length >= 2);
});

test('a refusal of the model is a refusal to the client', async () => {
  const { client } = sdk();
  const answer = await client.chat.completions.create({
    model: 'mayo-cr',
    messages: user('SIMULATE declined'),
  });
  assert.deepEqual(
    [answer.choices[0]?.message.content, answer.choices[0]?.message.refusal],
    [null, 'I cannot help with that.'],
  );
});

interface Failure {
  readonly name: string;
  readonly how: (client: OpenAI) => Promise<unknown>;
  readonly key?: () => string | Promise<string>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly as: new (...args: never[]) => APIError;
  readonly code: string;
  /** Requests that the gateway sees: a client retries only what may go better. */
  readonly requests: number;
}

const plain = (client: OpenAI) =>
  client.chat.completions.create({ model: 'mayo-cr', messages: user('a cough') });

const FAILURES: readonly Failure[] = [
  {
    name: 'a key that is none',
    how: plain,
    key: () => 'sgk_test_none',
    as: AuthenticationError,
    code: 'invalid_api_key',
    requests: 1,
  },
  {
    name: 'a purpose that is denied',
    how: plain,
    headers: { 'x-stewardgate-purpose': 'HMARKT' },
    as: PermissionDeniedError,
    code: 'policy_denied',
    requests: 1,
  },
  {
    name: 'a model that is none',
    how: (client) => client.chat.completions.create({ model: 'mayo-cr-9', messages: user('x') }),
    as: NotFoundError,
    code: 'model_not_found',
    requests: 1,
  },
  {
    name: 'a parameter out of range',
    how: (client) =>
      client.chat.completions.create({ model: 'mayo-cr', messages: user('x'), temperature: 9 }),
    as: BadRequestError,
    code: 'invalid_parameter',
    requests: 1,
  },
  {
    name: "the model's content filter",
    how: (client) =>
      client.chat.completions.create({ model: 'mayo-cr', messages: user('SIMULATE filtered') }),
    as: BadRequestError,
    code: 'content_filter',
    requests: 1,
  },
  {
    name: 'a tenant that has used up its minute',
    how: plain,
    key: async () => {
      const partner = await newPartner(world, {
        limits: { requests_per_minute: 1, tokens_per_minute: 100_000, concurrent: 2 },
      });
      await world.ask('first', { key: partner.key });
      return partner.key;
    },
    as: RateLimitError,
    code: 'rate_limit_exceeded',
    requests: 1,
  },
  {
    name: 'a model that fails',
    how: (client) => client.chat.completions.create({ model: 'mayo-cr', messages: user('SIMULATE unwell') }),
    as: InternalServerError,
    code: 'upstream_error',
    requests: 3,
  },
];

for (const { name, how, key, headers, as, code, requests } of FAILURES) {
  test(`a stock client understands why it was refused: ${name}`, async () => {
    const retries = code === 'rate_limit_exceeded' ? { maxRetries: 0 } : {};
    const { client, sent } = sdk(await key?.(), {
      ...(headers === undefined ? {} : { defaultHeaders: headers }),
      ...retries,
    });
    await assert.rejects(how(client), (thrown: unknown) => {
      assert.ok(thrown instanceof as, String(thrown));
      assert.equal(thrown.code, code);
      assert.match(thrown.requestID ?? '', /^req_/);
      const { inner_error } = thrown.error as { inner_error: { request_id: string } };
      assert.equal(inner_error.request_id, thrown.requestID);
      return true;
    });
    assert.equal(sent(), requests);
  });
}

test('a stock client that is over its rate waits and asks again, by itself', async () => {
  let refusals = 0;
  const url = await world.serveWith((doors) => {
    const { limiter } = doors.house;
    const reserve: typeof limiter.reserve = async (wish) => {
      refusals += 1;
      if (refusals <= 2) throw new Problem('rate_limit_exceeded', { retryAfterMs: 20 });
      return limiter.reserve(wish);
    };
    return { ...doors, house: { ...doors.house, limiter: { reserve, isReady: () => true } } };
  });
  const { client, sent } = sdk(undefined, { baseURL: `${url}/v1` });
  assert.ok((await plain(client)).choices.length === 1);
  assert.equal(sent(), 3);
});

test('a denial names the decision and its reasons, so that the partner can ask about it', async () => {
  const reply = await world.ask('a cough', { headers: { 'x-stewardgate-purpose': 'HMARKT' } });
  const { inner_error } = reply.body.error;
  assert.deepEqual(
    [inner_error.code, inner_error.reasons],
    ['StewardshipPolicy', ['marketing_not_permitted']],
  );
  assert.match(reply.headers.get('x-stewardgate-decision-id') ?? '', /^dec_/);
});

test('a stream that breaks off is an error to the client, never a short answer', async () => {
  const { client } = sdk(undefined, { maxRetries: 0 });
  const stream = await client.chat.completions.create({
    model: 'mayo-cr',
    messages: user('SIMULATE broken'),
    stream: true,
  });
  let text = '';
  await assert.rejects(
    async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    },
    (thrown: unknown) => thrown instanceof APIError && thrown.code === 'upstream_error',
  );
  assert.match(text, /^Rest, drink/);
});

test('a client may leave a stream at any time', async () => {
  const { client } = sdk();
  const stream = await client.chat.completions.create({
    model: 'mayo-cr',
    messages: user('a cough'),
    stream: true,
  });
  for await (const chunk of stream) {
    assert.ok(chunk.id.startsWith('chatcmpl-'));
    break;
  }
  assert.equal((await world.ask('next')).status, 200);
});
