import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Problem, type ProblemCode } from '../../gateway/domain/problem.ts';
import { bodyOf } from '../support/ask.ts';
import { type Description, readDescription } from '../support/described.ts';
import { newPartner } from '../support/steward.ts';
import { keyOf, openWorld, type World } from '../world.ts';

const FIXTURES = {
  named: { content: 'Write to Ada Example, MRN 12345678.' },
  refused: { refusal: 'I cannot answer this.' },
  cut: { chunks: ['one ', 'two ', 'three '], cutAfterChunks: 2 },
  broken: { status: 500 },
};

let world: World;
let description: Description;
before(async () => {
  const environment = { STEWARDGATE_TRUSTED_PROXIES: '127.0.0.1' };
  const exposition = (
    _: unknown,
    response: { setHeader(name: string, value: string): void; end(text: string): void },
  ) => {
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end('# metrics\n');
  };
  world = await openWorld({ fixtures: FIXTURES, environment, exposition });
  description = await readDescription(world.url);
});
after(() => world[Symbol.asyncDispose]());

interface Sent {
  /** As the document writes it. */
  readonly operation: string;
  /** Where it differs from the operation's own. */
  readonly path?: string;
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly url?: string;
}

let callers = 0;

/** Each from an address of its own, so that no refusal is taken for a flood. */
async function judged(status: number, { operation, body, headers = {}, ...sent }: Sent): Promise<void> {
  const [method = '', path = ''] = operation.split(' ');
  const { url = world.url, key = keyOf(world.demo, 'northwind') } = sent;
  callers += 1;
  const response = await fetch(`${url}${sent.path ?? path}`, {
    method,
    headers: {
      'x-forwarded-for': `203.0.113.${callers}`,
      'content-type': 'application/json',
      ...(key === null ? {} : { 'api-key': key }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  assert.equal(response.status, status, operation);
  await description.judge(operation, response);
}

const CHAT = 'POST /v1/chat/completions';
const chat = (question: Parameters<typeof bodyOf>[0]) => ({ operation: CHAT, body: bodyOf(question) });
const tools = [{ type: 'function', function: { name: 'order_test', parameters: { type: 'object' } } }];

test('whole answers and streams of the model are as described, frame by frame', async () => {
  const wishes = [
    { content: 'a cough' },
    { content: 'SIMULATE named' },
    { content: 'SIMULATE refused' },
    { content: 'a cough', n: 2 },
    { content: 'a cough', tools, tool_choice: 'required' },
  ];
  for (const wish of wishes) {
    await judged(200, chat(wish));
    await judged(200, chat({ ...wish, stream: true, stream_options: { include_usage: true } }));
  }
  await judged(200, chat({ content: 'SIMULATE cut', stream: true }));
  const operation = 'POST /openai/deployments/{deployment}/chat/completions';
  const path = '/openai/deployments/mayo-cr-1/chat/completions?api-version=2024-10-21';
  await judged(200, { operation, path, body: bodyOf('a cough') });
});

test('vectors, their replay and the refusal of one are as described', async () => {
  const operation = 'POST /v1/embeddings';
  const headers = { 'idempotency-key': 'vectors-1' };
  for (const input of ['a cough', ['a cough', 'a rash']])
    await judged(200, { operation, body: { model: 'mayo-cr', input } });
  for (const status of [200, 200])
    await judged(status, { operation, headers, body: { model: 'mayo-cr', input: 'a cough' } });
  await judged(422, { operation, headers, body: { model: 'mayo-cr', input: 'a fever' } });
  await judged(422, { ...chat('a cough'), headers });
});

test('lists and single versions are as described', async () => {
  await judged(200, { operation: 'GET /v1/models' });
  await judged(200, { operation: 'GET /openai/v1/models/{id}', path: '/openai/v1/models/mayo-cr-1' });
  await judged(404, { operation: 'GET /v1/models/{id}', path: '/v1/models/mayo-cr-9' });
  await judged(401, { operation: 'GET /v1/models', key: null });
});

test('every kind of refusal on the model plane is as described', async () => {
  await judged(400, { operation: CHAT, body: '{' });
  await judged(400, chat({ content: 'a cough', nonsense: 1 }));
  await judged(400, { ...chat('SSN 078-05-1120'), key: keyOf(world.demo, 'lakeside') });
  await judged(401, { ...chat('a cough'), key: null });
  await judged(401, { ...chat('a cough'), key: 'sgk_test_nonsense' });
  await judged(403, { ...chat('a cough'), headers: { 'x-stewardgate-purpose': 'HMARKT' } });
  await judged(404, chat({ model: 'mayo-cr-9' }));
  await judged(413, chat('a'.repeat(5_000_000)));
  await judged(415, { ...chat('a cough'), headers: { 'content-type': 'text/plain' } });
  await judged(502, chat('SIMULATE broken'));
  const limits = { requests_per_minute: 1, tokens_per_minute: 1_000_000, concurrent: 4 };
  const { key } = await newPartner(world, { limits });
  await judged(200, { ...chat('a cough'), key });
  await judged(429, { ...chat('a cough'), key });
});

/** The same gateway with a model that fails in this way. */
function withFailing(thrown: Error): Promise<string> {
  return world.serveWith((doors) => {
    const upstream = { ...doors.house.upstream, ask: () => Promise.reject(thrown) };
    return { ...doors, house: { ...doors.house, upstream } };
  });
}

test('every kind of failure behind the gateway is as described', async () => {
  const rows: readonly (readonly [number, ProblemCode])[] = [
    [429, 'upstream_busy'],
    [502, 'upstream_auth_error'],
    [503, 'service_unavailable'],
    [504, 'upstream_timeout'],
  ];
  for (const [status, code] of rows)
    await judged(status, {
      ...chat('a cough'),
      url: await withFailing(new Problem(code, { retryAfterMs: 1_500 })),
    });
  await judged(500, { ...chat('a cough'), url: await withFailing(new Error('invented fault')) });
});

test('administrative and compliance acts, and their refusals, are as described', async () => {
  const { owner, auditor, author } = world.demo.operators;
  const asOwner = { key: owner.apiKey };
  const partner = await newPartner(world);
  const tenants = '/admin/v1/tenants';
  const create = { slug: 'cedar-clinic', name: 'Cedar Clinic (invented)', tier: 'payer' };
  const keys = { path: `${tenants}/${partner.tenant}/keys`, ...asOwner };
  await judged(200, { operation: `GET ${tenants}`, ...asOwner });
  await judged(201, { operation: `POST ${tenants}`, ...asOwner, body: create });
  await judged(422, { operation: `POST ${tenants}`, ...asOwner, body: create });
  await judged(400, { operation: `POST ${tenants}`, ...asOwner, body: { slug: 'X' } });
  await judged(403, { operation: `POST ${tenants}`, key: author.apiKey, body: create });
  await judged(401, { operation: `GET ${tenants}`, key: null });
  await judged(200, { operation: `GET ${tenants}/{tenant}/keys`, ...keys });
  await judged(201, {
    operation: `POST ${tenants}/{tenant}/keys`,
    ...keys,
    body: { client: partner.client },
  });
  await judged(404, {
    operation: `GET ${tenants}/{tenant}/keys`,
    ...asOwner,
    path: `${tenants}/nobody/keys`,
  });
  await judged(200, { operation: 'GET /admin/v1/policy', key: author.apiKey });
  const check = { tenant: partner.tenant, model: 'mayo-cr-1', purpose: 'HOPERAT' };
  await judged(200, { operation: 'POST /admin/v1/policy/check', key: author.apiKey, body: check });
  await judged(200, { operation: 'GET /admin/v1/models', ...asOwner });
  const asAuditor = { operation: 'GET /audit/v1/records', key: auditor.apiKey };
  await judged(200, asAuditor);
  await judged(400, { ...asAuditor, path: '/audit/v1/records?limit=0' });
});

test('what operators ask is as described, ready or not', async () => {
  await judged(200, { operation: 'GET /healthz', key: null });
  await judged(200, { operation: 'GET /readyz', key: null });
  await judged(404, { operation: 'GET /metrics', key: null });
  const url = await world.serveWith((doors) => ({
    ...doors,
    operations: { ...doors.operations, readiness: () => ({ ledger: false }) },
  }));
  await judged(503, { operation: 'GET /readyz', url, key: null });
  await description.judge('GET /metrics', await fetch(`${world.url}/metrics`));
});

test('an answer of another status, type, header or body is not as described', async () => {
  const json = { 'content-type': 'application/json' };
  const ids = { 'x-request-id': 'req_1', 'apim-request-id': 'req_1' };
  const rows = [
    ['GET /healthz', 418, json, '{"status":"ok"}', /does not foresee 418/],
    ['GET /healthz', 200, { 'content-type': 'text/html' }, 'ok', /does not foresee text\/html/],
    ['GET /healthz', 200, json, '{"status":"well"}', /GET \/healthz 200: /],
    ['GET /healthz', 200, json, '{"status":"ok","more":1}', /GET \/healthz 200: /],
    ['GET /v1/models', 200, json, '{"object":"list","data":[]}', /x-request-id is missing/],
    [
      'GET /v1/models',
      200,
      { ...json, ...ids, 'x-ratelimit-limit-requests': '1' },
      '{"object":"list","data":[]}',
      /x-ratelimit-limit-requests is not declared/,
    ],
  ] as const;
  for (const [operation, status, headers, body, complaint] of rows)
    await assert.rejects(description.judge(operation, new Response(body, { status, headers })), complaint);
});
