import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLocalJWKSet, importJWK, type JSONWebKeySet, jwtVerify } from 'jose';
import {
  allowInsecureRequests,
  type Configuration,
  clientCredentialsGrant,
  discovery,
  getDPoPHandle,
  PrivateKeyJwt,
  ResponseBodyError,
  randomDPoPKeyPair,
} from 'openid-client';
import { tokenClient } from '../support/token-client.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

/** The stock OAuth library, which finds the endpoint by itself (RFC 8414). */
async function stockClient(tenant: string): Promise<Configuration> {
  const { clientId, privateJwk } = tokenClient(world, tenant);
  const key = await importJWK(privateJwk, privateJwk.alg);
  assert.ok(!(key instanceof Uint8Array));
  const auth = PrivateKeyJwt({ key, kid: privateJwk.kid });
  return discovery(new URL(world.url), clientId, undefined, auth, {
    algorithm: 'oauth2',
    execute: [allowInsecureRequests],
  });
}

async function verified(token: string) {
  const keys = await fetch(`${world.url}/oauth2/jwks`);
  const options = { issuer: world.url, audience: world.url, typ: 'at+jwt', algorithms: ['ES256'] };
  return jwtVerify(token, createLocalJWKSet((await keys.json()) as JSONWebKeySet), options);
}

for (const tenant of ['mayo', 'northwind', 'lakeside', 'summit']) {
  test(`openid-client gets a token for ${tenant} with the key of demo.json, good for 300 seconds`, async () => {
    const { clientId } = tokenClient(world, tenant);
    const answer = await clientCredentialsGrant(await stockClient(tenant), { scope: 'model:invoke' });
    assert.equal(answer.token_type, 'bearer');
    assert.equal(answer.expires_in, 300);
    assert.equal(answer.refresh_token, undefined);
    const { payload, protectedHeader } = await verified(answer.access_token);
    assert.equal(protectedHeader.alg, 'ES256');
    const { jti, iat = 0, exp = 0, ...rest } = payload;
    assert.equal(exp - iat, 300);
    assert.match(String(jti), /^[A-Za-z0-9_-]{20,}$/);
    assert.deepEqual(rest, {
      iss: world.url,
      aud: world.url,
      sub: clientId,
      client_id: clientId,
      scope: 'model:invoke',
    });
  });
}

test('a token that openid-client asks for with a DPoP proof is bound to the key of the proof', async () => {
  const config = await stockClient('northwind');
  const DPoP = getDPoPHandle(config, await randomDPoPKeyPair('ES256', { extractable: true }));
  const answer = await clientCredentialsGrant(config, { scope: 'model:invoke' }, { DPoP });
  assert.equal(answer.token_type, 'dpop');
  const { payload } = await verified(answer.access_token);
  assert.deepEqual(payload.cnf, { jkt: await DPoP.calculateThumbprint() });
});

test('openid-client reads a refusal as the OAuth error that it is', async () => {
  const config = await stockClient('northwind');
  await assert.rejects(
    clientCredentialsGrant(config, { scope: 'admin' }),
    (thrown) =>
      thrown instanceof ResponseBodyError && thrown.error === 'invalid_scope' && thrown.status === 400,
  );
});
