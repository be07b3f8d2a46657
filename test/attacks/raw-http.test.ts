import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

interface Answer {
  readonly statuses: readonly number[];
  readonly ids: readonly string[];
  readonly text: string;
}

/** Sends the bytes as they are, then more of them once something has come back, and reads until the connection closes. */
function send(bytes: string, then = ''): Promise<Answer> {
  const { hostname, port } = new URL(world.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    let rest = then;
    socket.setTimeout(8_000, () => socket.destroy());
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      if (rest !== '') socket.write(rest);
      rest = '';
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
      const ids = [...text.matchAll(/^x-request-id: (\S+)/gim)].map((match) => match[1] ?? '');
      resolve({ statuses, ids, text });
    });
  });
}

const body = '{"model":"mayo-cr","messages":[{"role":"user","content":"a cough"}]}';
const post = (...lines: readonly string[]) =>
  [
    'POST /v1/chat/completions HTTP/1.1',
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
    ...lines,
    '',
    body,
  ].join('\r\n');
const bearer = (tenant: string) => `authorization: Bearer ${keyOf(world.demo, tenant)}`;

const REFUSED: readonly (readonly [string, () => string, number, string])[] = [
  [
    'two Authorization headers',
    () => post('host: x', bearer('northwind'), bearer('mayo')),
    400,
    'multiple_credentials',
  ],
  ['two Host headers', () => post('host: x', 'Host: y', bearer('northwind')), 400, 'invalid_request'],
  ['no Host header', () => post(bearer('northwind')), 400, 'invalid_request'],
  [
    'two content types',
    () => post('host: x', 'Content-Type: text/plain', bearer('northwind')),
    400,
    'invalid_request',
  ],
  [
    'CONNECT',
    () => 'CONNECT elsewhere.example:443 HTTP/1.1\r\nhost: elsewhere.example:443\r\n\r\n',
    405,
    'method_not_allowed',
  ],
  [
    'an address that cannot be read',
    () => 'GET http://[/v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    400,
    'invalid_request',
  ],
];
for (const [name, bytes, status, code] of REFUSED) {
  test(`${name}: refused in the shape of the model plane, with one record, and the model is not asked`, async () => {
    const asked = world.callsToModel().length;
    const { statuses, ids, text } = await send(bytes());
    assert.deepEqual(statuses, [status], text);
    assert.equal(JSON.parse(text.split('\r\n\r\n')[1] ?? '').error.code, code);
    const records = await world.recordsOf(ids[0] ?? '');
    assert.deepEqual(
      records.map((record) => [record.phase, record.httpStatus]),
      [['single', status]],
    );
    assert.equal(world.callsToModel().length, asked);
  });
}

test('an expectation that nobody knows is ignored', async () => {
  const { statuses, ids } = await send(post('host: x', 'expect: a-miracle', bearer('northwind')));
  assert.deepEqual(statuses, [200]);
  assert.equal((await world.recordsOf(ids[0] ?? '')).length, 2);
});

test('a request refused before its body has come is answered once, whatever comes after', async () => {
  const head =
    'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
  const { statuses, ids } = await send(head, 'no chunk at all\r\n');
  assert.deepEqual(statuses, [401]);
  assert.equal((await world.recordsOf(ids[0] ?? '')).length, 1);
});

test('a path of the admin plane that does not decode is refused in the shape of that plane', async () => {
  const response = await fetch(`${world.url}/admin/v1/tenants/%zz`);
  assert.equal(response.status, 400);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
});
