import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../gateway/http/app.ts';
import { createBoundedServer, drain } from '../../gateway/http/server.ts';
import { CANARY, refused, row, sendRaw, underAttack, type Verdict } from './catalogue.ts';

const target = underAttack(() => ({}));

const BODY = `{"model":"mayo-cr","messages":[{"role":"user","content":"${CANARY}"}]}`;
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const LENGTH = `content-length: ${BODY.length}`;

interface Head {
  readonly line?: string;
  readonly host?: string | null;
  readonly fields?: readonly string[];
}

function head({ line = 'POST /v1/chat/completions HTTP/1.1', host = 'x', fields = [] }: Head = {}): string {
  const named = host === null ? [] : [`host: ${host}`];
  const usual = ['content-type: application/json', `api-key: ${target.key}`, 'connection: close'];
  return [line, ...named, ...usual, ...fields, '', ''].join('\r\n');
}
const framed = (...fields: readonly string[]) => head({ fields }) + CHUNKED;
const to = (line: string) => head({ line, fields: [LENGTH] }) + BODY;
const from = (host: string | null, ...fields: readonly string[]) =>
  head({ host, fields: [LENGTH, ...fields] }) + BODY;
const get = (...fields: readonly string[]) =>
  ['GET /v1/models HTTP/1.1', 'host: x', 'connection: close', ...fields, '', ''].join('\r\n');

const UNCLEAR: Verdict = { status: 400, code: 'invalid_request' };
const LARGE: Verdict = { status: 431, code: 'headers_too_large' };
const EMPTY_METHOD: Verdict = { status: 405, code: 'method_not_allowed' };

interface Row {
  readonly id: string;
  readonly verdict: Verdict;
  readonly inputs: Readonly<Record<string, () => string>>;
}

const many = (count: number) => Array.from({ length: count }, (_, at) => `x-${at}: 1`);

const ROWS: readonly Row[] = [
  {
    id: 'H01',
    verdict: UNCLEAR,
    inputs: {
      'a length and chunks': () => framed('transfer-encoding: chunked', LENGTH),
      'chunks and a length': () => framed(LENGTH, 'transfer-encoding: chunked'),
      'two lengths': () => from('x', 'content-length: 5'),
      'one length twice': () => from('x', LENGTH),
      'a list of lengths': () => head({ fields: [`${LENGTH}, ${BODY.length}`] }) + BODY,
      'a signed length': () => head({ fields: ['content-length: +7'] }) + BODY,
      'a length in hexadecimal': () => head({ fields: ['content-length: 0x44'] }) + BODY,
      'a length beyond numbers': () => head({ fields: [`content-length: ${'9'.repeat(30)}`] }) + BODY,
      'chunks not last': () => framed('transfer-encoding: chunked, identity'),
    },
  },
  {
    id: 'H02',
    verdict: UNCLEAR,
    inputs: {
      'an unknown coding': () => framed('transfer-encoding: xchunked'),
      'a coding besides chunks': () => framed('transfer-encoding: gzip, chunked'),
      'chunks of chunks': () => framed('transfer-encoding: chunked, chunked'),
      'chunks said twice': () => framed('transfer-encoding: chunked', 'transfer-encoding: chunked'),
      'chunks in quotes': () => framed('transfer-encoding: "chunked"'),
      'chunks with a weight': () => framed('transfer-encoding: chunked;q=1'),
      'chunks behind a tab of the other kind': () => framed('transfer-encoding:\u000bchunked'),
      'no coding at all': () => framed('transfer-encoding: '),
      'chunks in HTTP/1.0': () =>
        framed('transfer-encoding: chunked').replace('completions HTTP/1.1', 'completions HTTP/1.0'),
    },
  },
  {
    id: 'H03',
    verdict: UNCLEAR,
    inputs: {
      'line feeds alone': () => get().replaceAll('\r\n', '\n'),
      'a space before the colon': () => get('x-a : 1'),
      'a folded header': () => get('x-a: 1', ' 2'),
      'NUL in a value': () => get('x-a: 1\u0000'),
      'NUL in a name': () => get('x\u0000a: 1'),
      'a carriage return in a value': () => get('x-a: 1\r2'),
      'a line without a colon': () => get('nonsense'),
      'an extension of a chunk of 20 KB': () =>
        head({ fields: ['transfer-encoding: chunked'] }) +
        CHUNKED.replace('\r\n', `;${'a'.repeat(20_000)}\r\n`),
      'a chunk of a size beyond numbers': () =>
        `${head({ fields: ['transfer-encoding: chunked'] })}${'f'.repeat(17)}\r\n${BODY}`,
      'chunks that end in line feeds': () =>
        head({ fields: ['transfer-encoding: chunked'] }) + CHUNKED.replaceAll('\r\n', '\n'),
    },
  },
  {
    id: 'H04',
    verdict: UNCLEAR,
    inputs: {
      'two hosts': () => from('x', 'Host: y'),
      'no host': () => from(null),
      'an empty host': () => from(''),
      'a list of hosts': () => from('x, y'),
      'a host with a space': () => from('x y'),
      'a host with a user': () => from('user@x'),
      'a host with a path': () => from('x/y'),
      'a host with a port that is none': () => from('x:port'),
      'a host beyond ASCII': () => from('\u00e9vil'),
      'a whole URL': () => to('POST http://evil/v1/chat/completions HTTP/1.1'),
      'a whole URL of this host': () => to('POST http://x/v1/chat/completions HTTP/1.1'),
      'a URL that cannot be read': () => to('POST http://[/v1/chat/completions HTTP/1.1'),
      'an asterisk': () => to('OPTIONS * HTTP/1.1'),
      'a fragment': () => to('POST /v1/chat/completions#x HTTP/1.1'),
      'another version': () => to('POST /v1/chat/completions HTTP/2.0'),
      'no version': () => to('POST /v1/chat/completions'),
      'the preface of HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    },
  },
  {
    id: 'H05',
    verdict: LARGE,
    inputs: {
      'a header of 20 KB': () => from('x', `x-a: ${'a'.repeat(20_480)}`),
      'a path of 20 KB': () => to(`POST /${'a'.repeat(20_480)} HTTP/1.1`),
      '1,500 small headers': () => from('x', ...many(1_500)),
      '101 headers': () => from('x', ...many(96)),
      '2,000 trailers': () =>
        head({ fields: ['transfer-encoding: chunked'] }) +
        CHUNKED.replace(/\r\n$/, `${many(2_000).join('\r\n')}\r\n\r\n`),
    },
  },
  {
    id: 'H22',
    verdict: EMPTY_METHOD,
    inputs: {
      TRACE: () => to('TRACE /v1/chat/completions HTTP/1.1'),
      PUT: () => to('PUT /v1/chat/completions HTTP/1.1'),
      CONNECT: () => 'CONNECT elsewhere.example:443 HTTP/1.1\r\nhost: elsewhere.example:443\r\n\r\n',
    },
  },
  {
    id: 'H25',
    verdict: UNCLEAR,
    inputs: {
      websocket: () => get('upgrade: websocket').replace('close', 'upgrade, close'),
      'HTTP/2 in the clear': () =>
        from('x', 'upgrade: h2c', 'http2-settings: AAMAAABk').replace('close', 'Upgrade, HTTP2-Settings'),
    },
  },
];

for (const { id, verdict, inputs } of ROWS) {
  for (const [name, bytes] of Object.entries(inputs)) {
    row(id, `${name} is refused with ${verdict.status}, and the connection is closed`, async () => {
      const answers = await sendRaw(target, bytes());
      assert.equal(answers.length, 1, 'one answer');
      const [answer] = answers;
      if (answer !== undefined) await refused(target, answer, verdict);
    });
  }
}

row('H06', 'a body one byte over the limit is refused before it is asked for', async () => {
  const fields = ['content-length: 4194305', 'expect: 100-continue'];
  const [answer, ...more] = await sendRaw(target, head({ fields }));
  assert.deepEqual(more, []);
  if (answer !== undefined) await refused(target, answer, { status: 413, code: 'body_too_large' });
  const [invited, last] = await sendRaw(target, head({ fields: [LENGTH, 'expect: 100-continue'] }), BODY);
  assert.deepEqual([invited?.status, last?.status], [100, 200]);
});

row('H17', 'headers, a body and a body without end that come too slowly are refused once', async () => {
  const { doors } = target.world.gateway;
  const server = createBoundedServer(doors, createApp(doors));
  server.headersTimeout = 200;
  server.requestTimeout = 300;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const slow = [
    'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-a: ',
    head({ fields: [LENGTH] }) + BODY.slice(0, 9),
    `${head({ fields: ['transfer-encoding: chunked'] })}1\r\n{\r\n`,
  ];
  const answers = await Promise.all(slow.map((bytes) => sendRaw({ url }, bytes)));
  for (const [answer, ...more] of answers) {
    assert.deepEqual(more, []);
    if (answer !== undefined) await refused(target, answer, { status: 408, code: 'request_timeout' });
  }
  await drain(server, doors.traffic, { answersMs: 1_000, endingsMs: 1_000 });
});

row(
  'H24',
  'of a thousand requests sent at once the first 64 are answered, and the connection is closed',
  async () => {
    const answers = await sendRaw(target, get().replace('connection: close\r\n', '').repeat(1_000));
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array.from({ length: 64 }, () => 401),
    );
    assert.equal(answers.at(-1)?.headers.get('connection'), 'close');
    for (const answer of answers.slice(-2))
      await refused(target, answer, { status: 401, code: 'missing_credentials' });
  },
);
