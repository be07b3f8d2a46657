import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

const LIMIT = 4 * 1024 * 1024;
const ask = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
  request(world.url)
    .post('/v1/chat/completions')
    .set({ 'api-key': keyOf(world.demo, 'northwind'), 'content-type': 'application/json', ...headers })
    .serialize((sent: unknown) => sent as string)
    .send(body as string);

const good = '{"model":"mayo-cr","messages":[{"role":"user","content":"a cough"}]}';
const deep = (levels: number) => `{"model":"mayo-cr","messages":${'['.repeat(levels)}${']'.repeat(levels)}}`;
const bytes = (...parts: readonly (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

const BAD: readonly (readonly [name: string, body: string | Buffer, status: number, code: string])[] = [
  ['nothing', '', 400, 'invalid_json'],
  ['null', 'null', 400, 'invalid_json'],
  ['a word', '"x"', 400, 'invalid_json'],
  ['a list', '[]', 400, 'invalid_json'],
  ['a piece of JSON', good.slice(0, -3), 400, 'invalid_json'],
  ['NaN', '{"model":NaN}', 400, 'invalid_json'],
  ['a comment', `/* hello */${good}`, 400, 'invalid_json'],
  ['two values', `${good}{}`, 400, 'invalid_json'],
  ['a trailing comma', '{"model":"mayo-cr",}', 400, 'invalid_json'],
  ['a byte order mark', `\uFEFF${good}`, 400, 'invalid_json'],
  ['a control character in a string', '{"model":"\u0001"}', 400, 'invalid_json'],
  ['a repeated key', '{"model":"mayo-cr-1","model":"mayo-cr-3","messages":[]}', 400, 'duplicate_key'],
  [
    'a key repeated in another spelling',
    '{"model":"mayo-cr","\\u006dodel":"mayo-cr-3","messages":[]}',
    400,
    'duplicate_key',
  ],
  [
    'a key repeated in a message',
    '{"model":"mayo-cr","messages":[{"role":"user","content":"a","content":"b"}]}',
    400,
    'duplicate_key',
  ],
  ['65 levels', deep(64), 400, 'json_too_deep'],
  ['many levels', deep(200_000), 400, 'json_too_deep'],
  ['a prototype', `{"__proto__":{"stream":true},${good.slice(1)}`, 400, 'unknown_parameter'],
  [
    'a prototype in another spelling',
    `{"\\u005f_proto__":{"stream":true},${good.slice(1)}`,
    400,
    'unknown_parameter',
  ],
  [
    'a constructor',
    `{"constructor":{"prototype":{"stream":true}},${good.slice(1)}`,
    400,
    'unknown_parameter',
  ],
  [
    'bytes that are not UTF-8',
    bytes(good.slice(0, -5), [0xff, 0xfe], good.slice(-5)),
    400,
    'invalid_encoding',
  ],
  ['an overlong form', bytes(good.slice(0, -5), [0xc0, 0xaf], good.slice(-5)), 400, 'invalid_encoding'],
  ['half a character', bytes(good.slice(0, -5), [0xe2, 0x82], good.slice(-5)), 400, 'invalid_encoding'],
  [
    'an encoded surrogate',
    bytes(good.slice(0, -5), [0xed, 0xa0, 0x80], good.slice(-5)),
    400,
    'invalid_encoding',
  ],
  ['a lone surrogate', good.replace('a cough', '\\ud83c'), 400, 'invalid_encoding'],
  ['a lone surrogate in a key', `{"\\udc00":1,${good.slice(1)}`, 400, 'invalid_encoding'],
  ...['1e400', '-1', '1.5', '"5"', 'true', '9007199254740993', '0'].map(
    (value) =>
      [
        `max_completion_tokens ${value}`,
        `{"max_completion_tokens":${value},${good.slice(1)}`,
        400,
        'invalid_parameter',
      ] as const,
  ),
  ['no messages', '{"model":"mayo-cr","messages":[]}', 400, 'invalid_parameter'],
  ['a message of nobody', good.replace('"user"', '"oracle"'), 400, 'invalid_parameter'],
  [
    '129 tools',
    `{"tools":${JSON.stringify(Array.from({ length: 129 }, (_, at) => ({ type: 'function', function: { name: `tool_${at}` } })))},${good.slice(1)}`,
    400,
    'invalid_parameter',
  ],
];

for (const [name, body, status, code] of BAD) {
  test(`a body that is not what it should be is refused in the envelope: ${name}`, async () => {
    const reply = await ask(body);
    assert.deepEqual([reply.status, reply.body.error?.code], [status, code], reply.text);
    assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(reply.headers['x-should-retry'], 'false');
    const records = await world.recordsOf(reply.headers['x-request-id'] ?? '');
    assert.deepEqual(
      records.map(({ phase, errorCode }) => ({ phase, errorCode })),
      [{ phase: 'single', errorCode: code }],
    );
    assert.deepEqual(world.callsToModel(), []);
  });
}

test('a refusal repeats nothing of the body', async () => {
  for (const body of [
    '{"quillan ashdown":1}',
    '{"model":"mayo-cr","messages":[{"role":"user","content":"x","quillan ashdown":1}]}',
    '{"quillan ashdown',
  ]) {
    assert.doesNotMatch((await ask(body)).text, /quillan|ashdown/);
  }
});

const TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json; charset=utf-7',
  'application/jsonx',
  'application/problem+json',
  'application/json, text/plain',
];
for (const type of TYPES) {
  test(`only JSON in UTF-8 is read: not ${type}`, async () => {
    const reply = await ask(good, { 'content-type': type });
    assert.deepEqual([reply.status, reply.body.error.code], [415, 'unsupported_media_type']);
  });
}

for (const encoding of ['gzip', 'br', 'deflate', 'gzip, gzip', 'x']) {
  test(`nothing is decompressed: ${encoding}`, async () => {
    const reply = await ask(gzipSync(good), { 'content-encoding': encoding });
    assert.deepEqual([reply.status, reply.body.error.code], [415, 'unsupported_media_type']);
  });
}

test('a content type of other letters or with its charset said is JSON all the same', async () => {
  for (const type of ['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
    assert.equal((await ask(good, { 'content-type': type })).status, 200, type);
  }
});

test('a body of exactly the limit is read, one byte more is not', async () => {
  const padded = (length: number) => good + ' '.repeat(length - good.length);
  assert.equal((await ask(padded(LIMIT))).status, 200);
  const over = await ask(padded(LIMIT + 1));
  assert.deepEqual([over.status, over.body.error.code], [413, 'body_too_large']);
  const records = await world.recordsOf(over.headers['x-request-id'] ?? '');
  assert.deepEqual(
    records.map(({ phase, errorCode }) => [phase, errorCode]),
    [['single', 'body_too_large']],
  );
});

test('a body whose length is not said is cut off at the limit too', async () => {
  const piece = Buffer.alloc(256 * 1024, 0x20);
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < 17; at += 1) controller.enqueue(piece);
      controller.close();
    },
  });
  const headers = { 'api-key': keyOf(world.demo, 'northwind'), 'content-type': 'application/json' };
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, duplex: 'half' };
  const reply = await fetch(`${world.url}/v1/chat/completions`, init);
  assert.equal(reply.status, 413);
  assert.match(await reply.text(), /body_too_large/);
});

test('64 levels are read', async () => {
  const schema = `${'{"a":'.repeat(58)}1${'}'.repeat(58)}`;
  const tools = `[{"type":"function","function":{"name":"look_up","parameters":${schema}}}]`;
  const reply = await ask(`{"tools":${tools},"tool_choice":"none",${good.slice(1)}`);
  assert.equal(reply.status, 200, reply.text);
});

test('an admin act takes its body under the same rules, and answers problem details', async () => {
  const owner = { 'api-key': world.demo.operators.owner.apiKey };
  const rows = [
    ['{"slug":"harbor-a","slug":"harbor-b"}', 400, 'duplicate_key'],
    ['{"slug":"harbor-a","name":"Harbor","tier":"payer","surprise":1}', 400, 'unknown_parameter'],
    ['[]', 400, 'invalid_json'],
  ] as const;
  for (const [body, status, code] of rows) {
    const reply = await request(world.url)
      .post('/admin/v1/tenants')
      .set({ ...owner, 'content-type': 'application/json' })
      .send(body);
    assert.equal(reply.headers['content-type'], 'application/problem+json');
    assert.deepEqual([reply.status, JSON.parse(reply.text).code], [status, code]);
  }
  for (const path of [
    '/admin/v1/tenants?surprise=1',
    '/admin/v1/tenants/mayo?tenant=summit',
    '/audit/v1/records?limit=1&limit=2',
    '/admin/v1/tenants?__proto__=1',
  ]) {
    const reply = await request(world.url).get(path).set(owner);
    assert.equal(reply.status, 400, path);
  }
});
