import assert from 'node:assert/strict';
import type { lookup as systemLookup } from 'node:dns';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createKeySetFetch, type Reach } from '../../../gateway/adapters/identity/key-set-fetch.ts';
import { type KeyServer, keyServer } from '../../support/key-server.ts';
import { tokenMaker } from '../../support/token-maker.ts';

let server: KeyServer;
before(async () => {
  server = await keyServer();
});
after(() => server[Symbol.asyncDispose]());

const ANYWHERE = { allowsUrl: () => true, allowsAddress: () => true };

async function read(uri: string, reach: Partial<Reach> = {}) {
  await using fetch = createKeySetFetch(reach);
  return await fetch(uri);
}

async function refused(uri: string, reach: Partial<Reach> = {}): Promise<void> {
  const before = server.asked();
  await assert.rejects(read(uri, reach), uri);
  assert.equal(server.asked(), before, `${uri} was asked`);
}

test('a key set is read as it was published', async () => {
  const { jwk } = tokenMaker();
  server.publish(jwk);
  assert.deepEqual(await read(server.url, ANYWHERE), [jwk]);
});

test('S01: nothing but https on its own port, without user, is asked', async () => {
  const { port } = new URL(server.url);
  for (const uri of [
    `http://127.0.0.1:${port}/`,
    'http://keys.hospital.example/',
    'https://keys.hospital.example:22/',
    'https://user@keys.hospital.example/',
    'file:///etc/passwd',
    'gopher://keys.hospital.example/',
  ])
    await refused(uri, { allowsAddress: () => true });
});

test('S02: a literal address that is not public is not asked, however it is spelled', async () => {
  const { port } = new URL(server.url);
  const allowsUrl = () => true;
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '127.1',
    '0.0.0.0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:10.0.0.1]',
    '169.254.169.254',
    '10.0.0.1',
    '[64:ff9b::a00:1]',
    '[fd00::1]',
  ])
    await refused(`http://${host}:${port}/`, { allowsUrl });
});

/** A resolver of names that answers as it is told. */
function resolving(...addresses: readonly string[]): typeof systemLookup {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const lookup = (_: string, __: object, done: (fault: null, found: readonly object[]) => void) =>
    done(null, found);
  return lookup as unknown as typeof systemLookup;
}

test('S03: a name is asked only where every address of it is public, at each connection', async () => {
  const { port } = new URL(server.url);
  const allowsUrl = () => true;
  for (const addresses of [
    ['127.0.0.1'],
    ['::1'],
    ['10.0.0.1'],
    ['::ffff:10.0.0.1'],
    ['64:ff9b::a00:1'],
    ['169.254.169.254'],
    ['9.9.9.9', '127.0.0.1'],
  ])
    await refused(`http://keys.hospital.example:${port}/`, { allowsUrl, lookup: resolving(...addresses) });
  await refused(`http://localhost:${port}/`, { allowsUrl });
});

test('a name that resolves to what is allowed is asked there', async () => {
  const { port } = new URL(server.url);
  server.publish(tokenMaker().jwk);
  const uri = `http://keys.hospital.example:${port}/`;
  assert.equal((await read(uri, { ...ANYWHERE, lookup: resolving('127.0.0.1') })).length, 1);
});

test('S04: a redirect is no key set, and is not followed', async () => {
  server.answer((response) => response.writeHead(302, { location: `${server.url}/elsewhere` }).end());
  const before = server.asked();
  await assert.rejects(read(server.url, ANYWHERE));
  assert.equal(server.asked(), before + 1);
});

const large = JSON.stringify({ keys: [{ kty: 'EC', pad: 'x'.repeat(70_000) }] });
const UNFIT: readonly (readonly [string, Readonly<Record<string, string>>, string | Buffer])[] = [
  ['a key set of more than 64 KiB', { 'content-type': 'application/json' }, large],
  ['a page', { 'content-type': 'text/html' }, '{"keys":[]}'],
  ['nothing', { 'content-type': 'application/json' }, ''],
  ['another object', { 'content-type': 'application/json' }, '{"key":[]}'],
  ['keys that are no objects', { 'content-type': 'application/json' }, '{"keys":["k"]}'],
  [
    'twenty-one keys',
    { 'content-type': 'application/json' },
    JSON.stringify({ keys: Array.from({ length: 21 }, () => ({ kty: 'EC' })) }),
  ],
  [
    'a compressed key set',
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    gzipSync('{"keys":[]}'),
  ],
];
for (const [name, headers, body] of UNFIT)
  test(`S05: ${name} is refused`, async () => {
    server.answer((response) => response.writeHead(200, headers).end(body));
    await assert.rejects(read(server.url, ANYWHERE));
  });

test('S05: a server that never ends its answer is given up on', async () => {
  server.answer((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"keys":[');
  });
  await assert.rejects(read(server.url, ANYWHERE));
});
