import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { createApp } from '../../gateway/http/app.ts';
import { createBoundedServer, drain } from '../../gateway/http/server.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

/** Sends these bytes as they are and gives everything that comes back until the connection closes. */
function exchange(url: string, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setTimeout(8_000, () => socket.destroy(new Error('the connection stayed open')));
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
    });
    socket.once('error', (fault: NodeJS.ErrnoException) =>
      fault.code === 'ECONNRESET' || fault.code === 'EPIPE' ? resolve(answer) : reject(fault),
    );
    socket.once('close', () => resolve(answer));
    for (const part of parts) socket.write(part);
  });
}

interface Answer {
  readonly status: number;
  readonly id: string;
  readonly code: string | undefined;
}

function parse(answer: string): Answer {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  const code = /"code":"([a-z_]+)"/.exec(body)?.[1];
  return { status: Number(head.split(' ')[1]), id: /x-request-id: (\S+)/i.exec(head)?.[1] ?? '', code };
}

const key = () => keyOf(world.demo, 'northwind');
const body = '{"model":"mayo-cr","messages":[{"role":"user","content":"a cough"}]}';
const head = (...lines: readonly string[]) =>
  `${['POST /v1/chat/completions HTTP/1.1', 'host: x', 'content-type: application/json', `api-key: ${key()}`, ...lines].join('\r\n')}\r\n\r\n`;

const BROKEN: readonly (readonly [name: string, text: () => string, status: number, code: string])[] = [
  ['no request line', () => 'hello\r\n\r\n', 400, 'invalid_request'],
  ['an unknown method', () => 'BREW /v1/models HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'invalid_request'],
  [
    'a control character in the path',
    () => 'GET /v1/\u0000models HTTP/1.1\r\nhost: x\r\n\r\n',
    400,
    'invalid_request',
  ],
  ['a space before the colon', () => 'GET /v1/models HTTP/1.1\r\nhost : x\r\n\r\n', 400, 'invalid_request'],
  [
    'a folded header',
    () => 'GET /v1/models HTTP/1.1\r\nhost: x\r\nx-a: 1\r\n 2\r\n\r\n',
    400,
    'invalid_request',
  ],
  [
    'a NUL in a header',
    () => 'GET /v1/models HTTP/1.1\r\nhost: x\r\nx-a: \u0000\r\n\r\n',
    400,
    'invalid_request',
  ],
  ['a bare line feed', () => 'GET /v1/models HTTP/1.1\nhost: x\n\n', 400, 'invalid_request'],
  [
    'a header of 20 KB',
    () => `GET /v1/models HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(20_480)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'a path of 20 KB',
    () => `GET /${'a'.repeat(20_480)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'a length and chunks',
    () => head('content-length: 5', 'transfer-encoding: chunked'),
    400,
    'invalid_request',
  ],
  ['two lengths', () => head('content-length: 5', 'content-length: 6'), 400, 'invalid_request'],
  ['a signed length', () => head('content-length: +7'), 400, 'invalid_request'],
  ['chunks not last', () => head('transfer-encoding: chunked, identity'), 400, 'invalid_request'],
  ['an unknown transfer coding', () => head('transfer-encoding: xchunked'), 400, 'invalid_request'],
];

for (const [name, text, status, code] of BROKEN) {
  test(`what is not HTTP is refused in the envelope, recorded once and cut off: ${name}`, async () => {
    const answers = (await exchange(world.url, text())).split(/(?=HTTP\/1\.1 )/);
    assert.equal(answers.length, 1, 'one answer');
    const answer = parse(answers[0] ?? '');
    assert.deepEqual([answer.status, answer.code], [status, code], answers[0]);
    const records = await world.recordsOf(answer.id);
    assert.deepEqual(
      records.map(({ phase, errorCode, httpStatus }) => ({ phase, errorCode, httpStatus })),
      [{ phase: 'single', errorCode: code, httpStatus: status }],
    );
    assert.deepEqual(world.callsToModel(), []);
  });
}

test('chunks that are no chunks are refused once, though the request had begun', async () => {
  const count = async () =>
    (await world.gateway.office.audit.search({ phase: 'single' }, { limit: 200 })).records.length;
  const before = await count();
  const answer = await exchange(world.url, head('transfer-encoding: chunked'), 'zz\r\nhello\r\n');
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.equal(answer.split('HTTP/1.1 ').length, 2, 'one answer');
  assert.equal(await count(), before + 1, 'one record');
});

test('a body that takes too long is refused once, and the connection is closed', async () => {
  const { doors } = world.gateway;
  const server = createBoundedServer(doors, createApp(doors));
  server.requestTimeout = 300;
  server.headersTimeout = 200;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await exchange(`http://127.0.0.1:${port}`, head('content-length: 90'), '{"model":');
  const { id, ...seen } = parse(answer);
  assert.deepEqual(seen, { status: 408, code: 'request_timeout' });
  assert.equal(answer.split('HTTP/1.1 ').length, 2, 'one answer');
  assert.equal((await world.recordsOf(id)).length, 1);
  await drain(server, doors.traffic, { answersMs: 1_000, endingsMs: 500 });
});

test('nonsense behind a request does not spoil the answer that is on its way', async () => {
  const question = body.replace('{', '{"stream":true,');
  const answer = await exchange(
    world.url,
    head(`content-length: ${question.length}`) + question,
    'nonsense\r\n\r\n',
  );
  assert.equal(answer.split('HTTP/1.1 ').length, 2, 'one answer');
  assert.match(answer, /data: \[DONE\]\n\n/);
});

test('a hundred headers are read, one more is refused', async () => {
  const { hostname } = new URL(world.url);
  const answerTo = async (count: number) => {
    const more = Array.from({ length: count - 2 }, (_, at) => `x-${at}: 1`).join('\r\n');
    const head = `GET /healthz HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\n${more}\r\n\r\n`;
    return parse(await exchange(world.url, head)).status;
  };
  assert.deepEqual([await answerTo(100), await answerTo(101)], [200, 431]);
});

test('a request without a host is refused', async () => {
  assert.equal(
    parse(await exchange(world.url, 'GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n')).status,
    400,
  );
});

test('a body over the limit is refused before it is sent', async () => {
  const answer = await exchange(
    world.url,
    head('content-length: 4194305', 'expect: 100-continue', 'connection: close'),
  );
  assert.doesNotMatch(answer, /100 Continue/i);
  assert.deepEqual([parse(answer).status, parse(answer).code], [413, 'body_too_large']);
});

test('a body within the limit is asked for when the caller waits to be asked', async () => {
  const answer = await exchange(
    world.url,
    head(`content-length: ${body.length}`, 'expect: 100-continue', 'connection: close'),
    body,
  );
  assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
});

test('requests that are sent all at once are answered in their order', async () => {
  const one = (path: string, last: boolean) =>
    `GET ${path} HTTP/1.1\r\nhost: x\r\n${last ? 'connection: close\r\n' : ''}\r\n`;
  const paths = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? '/healthz' : '/readyz'));
  const answer = await exchange(world.url, paths.map((path, at) => one(path, at === 39)).join(''));
  assert.deepEqual(
    [...answer.matchAll(/"status":"(ok|ready)"/g)].map(([, word]) => word),
    paths.map((path) => (path === '/healthz' ? 'ok' : 'ready')),
  );
});
