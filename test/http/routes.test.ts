import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { act } from '../support/steward.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  const environment = { STEWARDGATE_TRUSTED_PROXIES: '127.0.0.1' };
  world = await openWorld({ environment, exposition: (_, response) => void response.end('# metrics\n') });
});
after(() => world[Symbol.asyncDispose]());

let callers = 0;

/** The partner's key, from an address of its own each time: what is refused before the key is read counts as a stranger's. */
function asPartner() {
  callers += 1;
  return { 'api-key': keyOf(world.demo, 'northwind'), 'x-forwarded-for': `203.0.113.${callers}` };
}

test('the same answers stand under both prefixes', async () => {
  for (const base of ['/v1', '/openai/v1']) {
    const listed = await request(world.url).get(`${base}/models`).set(asPartner());
    assert.deepEqual([listed.status, listed.body.object], [200, 'list']);
    const one = await request(world.url).get(`${base}/models/mayo-cr-1`).set(asPartner());
    assert.deepEqual([one.status, one.body.id], [200, 'mayo-cr-1']);
    const question = { model: 'mayo-cr-1', messages: [{ role: 'user', content: 'a cough' }] };
    assert.equal(
      (await request(world.url).post(`${base}/chat/completions`).set(asPartner()).send(question)).status,
      200,
    );
  }
});

test('a tenant sees only the versions that it may use, and no other exists for it', async () => {
  const seen: Record<string, readonly string[]> = {};
  for (const tenant of ['mayo', 'northwind', 'lakeside', 'summit']) {
    const reply = await request(world.url).get('/v1/models').set('api-key', keyOf(world.demo, tenant));
    seen[tenant] = reply.body.data.map(({ id }: { id: string }) => id).toSorted();
  }
  assert.deepEqual(seen, {
    mayo: ['mayo-cr', 'mayo-cr-1', 'mayo-cr-2', 'mayo-cr-3'],
    northwind: ['mayo-cr', 'mayo-cr-1', 'mayo-cr-2'],
    lakeside: ['mayo-cr', 'mayo-cr-1'],
    summit: ['mayo-cr', 'mayo-cr-1'],
  });
  const bare = (text: string) => text.replaceAll(/(req|dec)_[0-9a-f-]{36}/g, '$1');
  const of = (id: string) =>
    request(world.url).get(`/v1/models/${id}`).set('api-key', keyOf(world.demo, 'lakeside'));
  const [hidden, missing] = await Promise.all([of('mayo-cr-3'), of('mayo-cr-9')]);
  assert.deepEqual([hidden.status, bare(hidden.text)], [404, bare(missing.text)]);
});

const UNKNOWN = [
  'GET /',
  'GET /v2/models',
  'POST /V1/chat/completions',
  'POST /v1/chat/completions/',
  'POST /v1/Chat/Completions',
  'POST /OPENAI/v1/chat/completions',
  'POST //v1/chat/completions',
  'POST /v1//chat/completions',
  'POST /v1/./x/chat/completions',
  'POST /v1/chat%2fcompletions',
  'POST /v1/files',
  'POST /v1/images/generations',
  'POST /v1/audio/speech',
  'GET /v1/models/',
  'GET /v1/models/mayo-cr-1/',
  'GET /healthz/',
  'POST /healthz',
  'GET /docs/',
  'GET /docs/index.html',
  'GET /docs/../../package.json',
  'GET /.env',
  'GET /.data/demo.json',
];

for (const route of UNKNOWN) {
  test(`what is not a route is a recorded 404 in the envelope: ${route}`, async () => {
    const [method = '', path = ''] = route.split(' ');
    const response = await fetch(new URL(`${world.url}${path}`), { method, headers: asPartner() });
    const text = await response.text();
    assert.equal(response.status, 404);
    assert.equal(JSON.parse(text).error.code, 'not_found');
    const [record] = await world.recordsOf(response.headers.get('x-request-id') ?? '');
    assert.deepEqual([record?.errorCode, record?.body.route], ['not_found', 'unknown']);
  });
}

test('an unknown path of the other planes is problem details', async () => {
  for (const path of ['/admin/v1/nothing', '/admin/v1/tenants/', '/audit/v1/Records', '/admin/v2/tenants']) {
    const reply = await request(world.url)
      .get(path)
      .set({ ...asPartner(), 'api-key': world.demo.operators.owner.apiKey });
    assert.deepEqual([reply.status, reply.headers['content-type']], [404, 'application/problem+json'], path);
    assert.equal((await world.recordsOf(reply.headers['x-request-id'] ?? '')).length, 1);
  }
});

test('a known path of another method is 405, never a redirect or a fault', async () => {
  const rows = [
    ['GET /v1/chat/completions', 'POST'],
    ['PUT /v1/chat/completions', 'POST'],
    ['OPTIONS /v1/chat/completions', 'POST'],
    ['DELETE /v1/models/mayo-cr-1', 'GET, HEAD'],
    ['POST /v1/models', 'GET, HEAD'],
    ['PATCH /openai/v1/models', 'GET, HEAD'],
    ['DELETE /admin/v1/tenants', 'GET, HEAD, POST'],
    ['OPTIONS /admin/v1/tenants', 'GET, HEAD, POST'],
    ['GET /admin/v1/policy/check', 'POST'],
    ['PUT /audit/v1/records', 'GET, HEAD'],
  ] as const;
  for (const [row, allowed] of rows) {
    const [method = '', path = ''] = row.split(' ');
    const response = await fetch(`${world.url}${path}`, {
      method,
      headers: { ...asPartner(), origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    assert.equal(response.status, 405, row);
    assert.equal(response.headers.get('allow'), allowed, row);
    const [record] = await world.recordsOf(response.headers.get('x-request-id') ?? '');
    assert.equal(record?.errorCode, 'method_not_allowed');
    assert.match(await response.text(), /method_not_allowed/);
    assert.ok(
      ![...response.headers.keys()].some((name) => name.startsWith('access-control-')),
      'no other origin is let in',
    );
  }
});

test('a method in a header is not believed', async () => {
  const reply = await request(world.url)
    .post('/v1/models')
    .set({ ...asPartner(), 'x-http-method-override': 'GET' });
  assert.equal(reply.status, 405);
});

test('names that reach for other paths are models that do not exist, never a fault', async () => {
  const names = [
    '..%2f..%2fadmin',
    '%2e%2e%2fadmin',
    '..%5cadmin',
    'x%00',
    'x%0d%0aset-cookie:a',
    'x%3fevil=1',
    'x%23f',
    '%C3%BCmlaut',
    '__proto__',
    'constructor',
    'x'.repeat(2_000),
  ];
  for (const name of names) {
    const response = await fetch(`${world.url}/v1/models/${name}`, { headers: asPartner() });
    assert.deepEqual(
      [response.status, JSON.parse(await response.text()).error.code],
      [404, 'model_not_found'],
      name,
    );
  }
  for (const name of ['%zz', '%', '%E0%A4%A']) {
    const response = await fetch(`${world.url}/v1/models/${name}`, { headers: asPartner() });
    assert.deepEqual(
      [response.status, JSON.parse(await response.text()).error.code],
      [400, 'invalid_parameter'],
      name,
    );
    assert.equal((await world.recordsOf(response.headers.get('x-request-id') ?? '')).length, 1);
  }
});

test('what a browser would ask for besides makes no difference', async () => {
  const headers = {
    ...asPartner(),
    accept: 'text/html',
    range: 'bytes=0-4',
    'if-none-match': '*',
    'accept-encoding': 'gzip, br',
  };
  const reply = await request(world.url).get('/v1/models').set(headers);
  assert.deepEqual([reply.status, reply.headers['content-type']], [200, 'application/json; charset=utf-8']);
  assert.equal(reply.headers['content-encoding'], undefined);
});

test('every answer forbids framing, sniffing, storing and foreign content', async () => {
  const key = asPartner();
  const replies = await Promise.all([
    request(world.url).get('/v1/models').set(key),
    request(world.url).get('/v1/models'),
    request(world.url).get('/nothing'),
    request(world.url).get('/admin/v1/tenants'),
    request(world.url).get('/docs'),
  ]);
  for (const { headers } of replies) {
    assert.match(headers['content-security-policy'] ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(headers['strict-transport-security'] ?? '', /max-age=31536000/);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal(headers.server, undefined);
    assert.equal(headers['set-cookie'], undefined);
    assert.equal(headers.etag?.startsWith('"') ?? false, false);
  }
  for (const { headers } of replies.slice(0, 4)) assert.equal(headers['cache-control'], 'no-store');
});

test("the caller's own request id is kept when it is a UUID or a ULID, and replaced when it is anything else", async () => {
  const kept = ['0191d2c0-7f3b-7c6e-9a11-3f5a2b8c9d0e', '01ARZ3NDEKTSV4RRFFQ69G5FAV'];
  for (const id of kept) {
    const reply = await request(world.url)
      .get('/v1/models')
      .set({ ...asPartner(), 'x-request-id': id });
    assert.deepEqual([reply.headers['x-request-id'], reply.headers['apim-request-id']], [id, id]);
    const [record] = await world.recordsOf(id);
    assert.equal(record?.body.correlationId, id);
    assert.match(record?.requestId ?? '', /^req_/);
  }
  for (const id of ['quillan-ashdown', 'x'.repeat(200), '01ARZ3NDEKTSV4RRFFQ69G5FAV,x']) {
    const reply = await request(world.url)
      .get('/v1/models')
      .set({ ...asPartner(), 'x-request-id': id });
    assert.match(reply.headers['x-request-id'] ?? '', /^req_[0-9a-f-]{36}$/);
  }
});

test('health and readiness are told to anyone, without a record', async () => {
  const health = await request(world.url).get('/healthz');
  assert.deepEqual([health.status, health.body], [200, { status: 'ok' }]);
  const ready = await request(world.url).get('/readyz');
  assert.equal(ready.status, 200);
  assert.ok(Object.values(ready.body.parts).every((part) => part === true));
});

test('metrics are for this machine alone, and not for whom a proxy on it speaks', async () => {
  assert.equal((await request(world.url).get('/metrics')).text, '# metrics\n');
  for (const header of ['x-forwarded-for', 'forwarded']) {
    const reply = await request(world.url)
      .get('/metrics')
      .set(header, header === 'forwarded' ? 'for=127.0.0.1' : '127.0.0.1');
    assert.deepEqual([reply.status, reply.body.error.code], [404, 'not_found']);
  }
});

test('an address that an untrusted peer claims is not believed', async () => {
  const headers = {
    'x-forwarded-for': '192.0.2.77',
    forwarded: 'for=192.0.2.77',
    'x-real-ip': '192.0.2.77',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'gopher',
  };
  const url = await world.serveWith((doors) => ({
    ...doors,
    settings: { ...doors.settings, trustedProxies: [] },
  }));
  const reply = await request(url)
    .get('/v1/models')
    .set({ ...asPartner(), ...headers });
  const [record] = await world.recordsOf(reply.headers['x-request-id'] ?? '');
  assert.equal(record?.body.sourceIp, '127.0.0.1');
});

test('the page of the API is served whole from here: no address of another host in it', async () => {
  const page = await request(world.url).get('/docs');
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /https?:\/\/|\/\/[a-z]/i);
  assert.doesNotMatch(page.text, /<script(?![^>]* src=)|\son\w+=|style=/i);
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => String(path));
  assert.ok(assets.length >= 3);
  for (const path of assets) {
    const asset = await request(world.url).get(path);
    assert.equal(asset.status, 200, path);
    assert.match(asset.headers['content-type'] ?? '', path.endsWith('.css') ? /css/ : /javascript/);
  }
  const start = await request(world.url).get('/docs/start.js');
  assert.doesNotMatch(start.text, /https?:/);
});

test("links are made of the gateway's own address, never of the Host header", async () => {
  const reply = await request(world.url).get('/openapi.json').set('host', 'evil.example');
  assert.doesNotMatch(reply.text, /evil/);
});

test('what nobody foresaw is a 500 that tells nothing, and is reported', async () => {
  const url = await world.serveWith((doors) => ({
    ...doors,
    house: {
      ...doors.house,
      models: {
        versions: () => {
          throw new Error('Quillan Ashdown');
        },
      },
    },
  }));
  const reply = await request(url).get('/v1/models').set(asPartner());
  assert.deepEqual([reply.status, reply.body.error.code], [500, 'internal_error']);
  assert.doesNotMatch(reply.text, /Quillan/);
  const id = reply.headers['x-request-id'] ?? '';
  assert.ok(world.log.faults.some((fault) => fault.id === id));
  const [record] = await world.recordsOf(id);
  assert.deepEqual([record?.outcome, record?.errorCode], ['failed', 'internal_error']);
});

test('an unready part makes the gateway unready, and says which', async () => {
  const url = await world.serveWith((doors) => ({
    ...doors,
    operations: { ...doors.operations, readiness: () => ({ ledger: false, limiter: true }) },
  }));
  const reply = await request(url).get('/readyz');
  assert.deepEqual([reply.status, reply.body.parts], [503, { ledger: false, limiter: true }]);
  assert.equal((await act(world, 'auditor', 'GET /audit/v1/records?limit=1')).status, 200);
});
