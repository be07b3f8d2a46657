import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair } from 'jose';
import { stewardgate } from '../support/command-line.ts';
import { tokenClient } from '../support/token-client.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

const beside = () => ({ STEWARDGATE_DATA_DIR: world.dataDir });

/** A file in the world's own folder, which goes with it. */
function keptIn(name: string, value: unknown): string {
  const file = join(world.dataDir, name);
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

test('a token for a tenant of the demo is printed, and nothing else', async () => {
  const said = await stewardgate(['token', 'lakeside'], beside());
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  assert.equal(decodeJwt(said.out.trim()).client_id, tokenClient(world, 'lakeside').clientId);
});

test('a token is had with a key in a file, and bound to a key in another', async () => {
  const { clientId, privateJwk } = tokenClient(world, 'northwind');
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const key = keptIn('client.jwk', privateJwk);
  const dpopKey = keptIn('dpop.jwk', await exportJWK(privateKey));
  const verb = ['token', '--key', key, '--client', clientId, '--dpop-key', dpopKey, '--url', world.url];
  const said = await stewardgate(verb, {});
  assert.equal(said.code, 0, said.err);
  const { cnf } = decodeJwt(said.out.trim());
  assert.deepEqual(cnf, { jkt: await calculateJwkThumbprint(await exportJWK(publicKey)) });
});

test('a refusal ends with 1 and the words of OAuth, wrong words with 2, and no key is repeated', async () => {
  const { clientId, privateJwk } = tokenClient(world, 'mayo');
  const key = keptIn('mayo.jwk', privateJwk);
  const other = tokenClient(world, 'summit').clientId;
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['--key', key, '--client', other, '--url', world.url], 1, /^invalid_client: .*\n {2}request: req_/],
    [['nobody'], 1, /no tenant nobody/],
    [['--key', key, '--client', clientId, '--url', 'http://127.0.0.1:9'], 1, /no gateway answers/],
    [['--key', key], 2, /--client/],
    [['mayo', '--key', key], 2, /not for a tenant/],
    [['--key', keptIn('broken.jwk', `{"d":"${privateJwk.d}"`), '--client', clientId], 2, /cannot be read/],
    [['--key', keptIn('odd.jwk', { ...privateJwk, crv: 'P-256' }), '--client', clientId], 2, /cannot sign/],
  ];
  for (const [words, code, err] of cases) {
    const said = await stewardgate(['token', ...words], beside());
    assert.equal(said.code, code, `${words.join(' ')}: ${said.err}`);
    assert.match(said.err, err);
    assert.equal(said.out, '');
    assert.ok(!said.err.includes(String(privateJwk.d)));
  }
});
