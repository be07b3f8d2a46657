import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { errorEnvelope } from '../../gateway/contract/problem.ts';
import { PROBLEMS, type ProblemCode } from '../../gateway/domain/problem.ts';
import { BODY_BYTES_MAX } from '../../gateway/http/read-body.ts';
import { noBalancer, type StandIn, send, startBalancer, untilHealth } from './balancer-rig.ts';
import { readText } from './compose-file.ts';

const config = readText('infra/balancer/haproxy.cfg');
const setting = (name: string) => new RegExp(`^\\s*${name} (.+)$`, 'm').exec(config)?.[1];

interface OpenAiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: ProblemCode;
    readonly inner_error: { readonly code: string };
  };
}

function assertProblem(status: number, json: string): void {
  const { error } = errorEnvelope.parse(JSON.parse(json)) as OpenAiError;
  const row = PROBLEMS[error.code];
  assert.equal(row.status, status);
  assert.equal(error.message, row.message);
  assert.equal(error.type, row.type);
  assert.equal(error.inner_error.code, error.code);
}

test('every failure that the balancer answers itself is a problem of the table', () => {
  const answers = [
    ...config.matchAll(/^ {2}http-error status (\d+) content-type application\/json string '(.*?)'/gm),
  ];
  assert.deepEqual(
    answers.map(([, status]) => status),
    ['400', '404', '408', '413', '503', '504'],
  );
  for (const [, status, json = ''] of answers) assertProblem(Number(status), json);
  const [head = '', body = ''] = readText('infra/balancer/gateway-lost.http').split('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 503 /);
  assertProblem(503, body);
});

test('the balancer waits ten minutes for a stream, ten seconds for headers, and asks a model only once', () => {
  assert.equal(setting('timeout server'), '10m');
  assert.equal(setting('timeout client'), '10m');
  assert.equal(setting('timeout http-request'), '10s');
  assert.equal(setting('retry-on'), 'conn-failure');
  assert.equal(setting('http-check send meth GET uri'), '/readyz');
  assert.doesNotMatch(config, /^\s*(compression|option http-buffer-request|http-request wait-for-body)/m);
});

test('the balancer refuses bodies at the same bound as the gateway', () => {
  assert.match(config, new RegExp(`content-length\\) gt ${BODY_BYTES_MAX} `));
});

test('the balancer sends to both gateways and logs neither paths nor headers', () => {
  assert.match(config, /^ {2}server gateway-a gateway-a:8080$/m);
  assert.match(config, /^ {2}server gateway-b gateway-b:8080$/m);
  assert.doesNotMatch(setting('log-format') ?? '%r', /%(r|HU|HP|HPO|HQ|hr|hs)\b|%\[/);
});

const standIn = (serve: (request: IncomingMessage, response: ServerResponse) => void): StandIn => ({
  serve,
  isReady: () => true,
});

function realBalancer(name: string, run: (context: TestContext) => Promise<void>): void {
  test(name, { skip: noBalancer() ?? false, timeout: 30_000 }, run);
}

realBalancer('a stream passes piece by piece, each before the next is written', async () => {
  let writeMore = () => {};
  const streaming = standIn((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: one\n\n');
    writeMore = () => response.end('data: two\n\n');
  });
  await using rig = await startBalancer([streaming, streaming]);
  await untilHealth(rig, 200);
  const outgoing = request({
    host: '127.0.0.1',
    port: rig.port,
    path: '/v1/chat/completions',
    method: 'POST',
  });
  outgoing.end('{}');
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const pieces = response.setEncoding('utf8')[Symbol.asyncIterator]();
  assert.equal((await pieces.next()).value, 'data: one\n\n');
  writeMore();
  assert.equal((await pieces.next()).value, 'data: two\n\n');
  assert.equal((await pieces.next()).done, true);
});

const echo = standIn((incoming, response) => {
  const pieces: Buffer[] = [];
  incoming.on('data', (piece: Buffer) => pieces.push(piece));
  incoming.on('end', () =>
    response.end(
      JSON.stringify({ headers: incoming.headers, body: Buffer.concat(pieces).toString('base64') }),
    ),
  );
});

interface Echo {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

realBalancer('what a caller claims about its address never reaches a gateway', async () => {
  await using rig = await startBalancer([echo, echo]);
  await untilHealth(rig, 200);
  const claims = {
    'x-forwarded-for': '203.0.113.9',
    'x-real-ip': '203.0.113.9',
    forwarded: 'for=203.0.113.9',
  };
  const { headers } = JSON.parse(
    (await send(rig.port, { path: '/v1/models', headers: claims })).body,
  ) as Echo;
  assert.equal(headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(headers['x-real-ip'], undefined);
  assert.equal(headers.forwarded, undefined);
});

realBalancer('a compressed body arrives as it was sent, not inflated', async () => {
  await using rig = await startBalancer([echo, echo]);
  await untilHealth(rig, 200);
  const body = gzipSync('{"a":1}');
  const headers = { 'content-encoding': 'gzip', 'content-length': String(body.length) };
  const answer = await send(rig.port, { path: '/v1/chat/completions', method: 'POST', headers, body });
  const seen = JSON.parse(answer.body) as Echo;
  assert.equal(seen.body, body.toString('base64'));
  assert.equal(seen.headers['content-encoding'], 'gzip');
});

realBalancer('a body over 4 MiB and the operations routes are refused without asking a gateway', async () => {
  let asked = 0;
  const counting = standIn((_, response) => {
    asked += 1;
    response.end();
  });
  await using rig = await startBalancer([counting, counting]);
  await untilHealth(rig, 200);
  const headers = { 'content-length': String(BODY_BYTES_MAX + 1), expect: '100-continue' };
  const tooLarge = await send(rig.port, { path: '/v1/chat/completions', method: 'POST', headers }).catch(
    String,
  );
  for (const path of ['/metrics', '/METRICS', '/readyz', '/metrics/x']) {
    const answer = await send(rig.port, { path });
    assert.equal(answer.status, 404, path);
    assertProblem(404, answer.body);
  }
  assert.ok(typeof tooLarge !== 'string', String(tooLarge));
  assert.equal(tooLarge.status, 413);
  assertProblem(413, tooLarge.body);
  assert.equal(asked, 0);
});

realBalancer(
  'a gateway that is not ready gets no request, and when none is ready the answer is a 503 problem',
  async () => {
    const ready = [true, true];
    const asked = [0, 0];
    const gateway = (n: number): StandIn => ({
      serve: (_, response) => {
        asked[n] = (asked[n] ?? 0) + 1;
        response.end();
      },
      isReady: () => ready[n] === true,
    });
    ready[0] = false;
    await using rig = await startBalancer([gateway(0), gateway(1)]);
    ready[1] = false;
    await untilHealth(rig, 503);
    const refused = await send(rig.port, { path: '/v1/models' });
    assert.equal(refused.status, 503);
    assert.equal(refused.headers['retry-after'], '2');
    assertProblem(503, refused.body);
    ready[1] = true;
    await untilHealth(rig, 200);
    for (let n = 0; n < 6; n += 1) await send(rig.port, { path: '/v1/models' });
    assert.deepEqual(asked, [0, 6]);
  },
);

realBalancer(
  'a gateway that dies in the middle is a 503 problem, and the request is not sent a second time',
  async () => {
    let asked = 0;
    const dying = standIn((incoming) => {
      asked += 1;
      incoming.socket.destroy();
    });
    await using rig = await startBalancer([dying, dying]);
    await untilHealth(rig, 200);
    const answer = await send(rig.port, { path: '/v1/chat/completions', method: 'POST', body: '{}' });
    assert.equal(answer.status, 503);
    assertProblem(503, answer.body);
    assert.equal(asked, 1);
  },
);
