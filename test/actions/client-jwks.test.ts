import assert from 'node:assert/strict';
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { after, before, test } from 'node:test';
import { newClientKeyPair } from '../../gateway/adapters/identity/client-key-pair.ts';
import { act, newPartner, type Partner } from '../support/steward.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
let partner: Partner;
before(async () => {
  world = await openWorld();
  partner = await newPartner(world);
});
after(() => world[Symbol.asyncDispose]());

const path = () => `/admin/v1/tenants/${partner.tenant}/clients/${partner.client}`;
const put = (keys: unknown) => act(world, 'owner', `PUT ${path()}/jwks`, { keys });
const kept = async () => (await act(world, 'owner', `GET ${path()}`)).text;

const ec = (curve: string, about: JsonWebKey) => ({
  ...generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ format: 'jwk' }),
  ...about,
});
const rsa = (bits: number, about: JsonWebKey) => ({
  ...generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' }),
  ...about,
});
const sound = () => ec('P-384', { alg: 'ES384', kid: 'k1' });

test('a set of public keys is stored as it came, and read back with its client', async () => {
  const keys = [
    ec('P-384', { alg: 'ES384', kid: 'one', use: 'sig' }),
    ec('P-256', { alg: 'ES256', kid: 'two', key_ops: ['verify'], ext: true }),
    rsa(2_048, { alg: 'PS256', kid: 'three' }),
    rsa(3_072, { alg: 'RS384', kid: 'four' }),
  ];
  const reply = await put(keys);
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(JSON.parse(await kept()).jwks, { keys });
  const [record] = await world.recordsOf(reply.id);
  assert.deepEqual(record?.body.admin?.kids, ['one', 'two', 'three', 'four']);
});

test('a set replaces the one before it, and may be empty', async () => {
  await put([sound()]);
  assert.equal((await put([])).status, 200);
  assert.deepEqual(JSON.parse(await kept()).jwks, { keys: [] });
});

const REFUSED: Readonly<Record<string, () => unknown>> = {
  'a private key of a curve': async () => [(await newClientKeyPair()).privateJwk],
  'a secret key': () => [{ kty: 'oct', k: 'AAAA', alg: 'HS256', kid: 'k' }],
  'an algorithm that is off': () => [rsa(2_048, { alg: 'RS256', kid: 'k' })],
  none: () => [{ ...sound(), alg: 'none' }],
  'no algorithm': () => [{ ...sound(), alg: undefined }],
  'no kid': () => [{ ...sound(), kid: undefined }],
  'a kid twice': () => [sound(), sound()],
  'a kid with a line break': () => [{ ...sound(), kid: 'k\n1' }],
  'another curve than its algorithm has': () => [ec('P-256', { alg: 'ES384', kid: 'k' })],
  'a curve that is not on the list': () => [ec('secp256k1', { alg: 'ES256', kid: 'k' })],
  'a point beside the curve': () => [{ ...sound(), x: sound().x }],
  'a short modulus': () => [rsa(1_024, { alg: 'PS256', kid: 'k' })],
  'another exponent': () => [{ ...rsa(2_048, { alg: 'PS256', kid: 'k' }), e: 'Aw' }],
  'a key for encryption': () => [{ ...sound(), use: 'enc' }],
  'an address to fetch from': () => [{ ...sound(), x5u: 'https://evil.example/c.pem' }],
  'eleven keys': () => Array.from({ length: 11 }, (_, at) => ec('P-256', { alg: 'ES256', kid: `k${at}` })),
  'more than any set needs': () => [{ ...sound(), kid: 'k'.repeat(16_384) }],
  'no list': () => ({ 0: sound() }),
};

for (const [what, keys] of Object.entries(REFUSED)) {
  test(`a set is refused whole for ${what}, and the one before stays`, async () => {
    await put([sound()]);
    const before = await kept();
    const reply = await put(await keys());
    assert.equal(reply.status, 400, reply.text);
    assert.match(reply.body.code, /^(invalid|unknown)_parameter$/);
    assert.equal(await kept(), before);
  });
}

test('every private member of a key is refused by its name', async () => {
  for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) {
    const reply = await put([{ ...rsa(2_048, { alg: 'PS256', kid: 'k' }), [name]: 'AAAA' }]);
    assert.deepEqual(
      [reply.status, JSON.parse(reply.text).param],
      [400, `keys.0.${name}`],
      'the name is told, the value is not',
    );
    assert.doesNotMatch(reply.text, /AAAA/);
  }
});

test('a suspended client cannot call until it is resumed, and its record says who did it', async () => {
  const other = await newPartner(world);
  const verb = (word: string) =>
    act(world, 'owner', `POST /admin/v1/tenants/${other.tenant}/clients/${other.client}/${word}`, {});
  const reply = await verb('suspend');
  assert.equal(reply.body.status, 'suspended');
  const [record] = await world.recordsOf(reply.id);
  assert.deepEqual(
    [record?.eventType, record?.body.admin?.client, record?.body.operatorRole],
    ['admin.client.suspend', other.client, 'owner'],
  );
  assert.equal((await world.ask('a cough', { key: other.key })).status, 401);
  assert.equal((await verb('resume')).body.status, 'active');
  assert.equal((await world.ask('a cough', { key: other.key })).status, 200);
});
