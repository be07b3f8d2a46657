import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import {
  authorizationServer,
  protectedResource,
  publicKeySet,
  smartConfiguration,
} from '../../gateway/contract/oauth.ts';
import { Problem } from '../../gateway/domain/problem.ts';
import { act, newPartner } from '../support/steward.ts';
import { askToken, assertionOf, type Changes, freshJti, nowS, tokenClient } from '../support/token-client.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

async function ask(tenant: string, changes: Changes = {}, url = world.url, headers = {}) {
  return askToken(url, await assertionOf(tokenClient(world, tenant), world.url, changes), { headers });
}

test('a token that is given is one record, durable before it, which names it and does not hold it', async () => {
  const reply = await ask('mayo');
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.headers.get('cache-control'), 'no-store');
  const [record, ...more] = await world.recordsOf(reply.id);
  assert.ok(record !== undefined && more.length === 0);
  const { eventType, phase, outcome, httpStatus, clientId, body } = record;
  assert.deepEqual(
    { eventType, phase, outcome, httpStatus, clientId },
    {
      eventType: 'oauth.token',
      phase: 'single',
      outcome: 'success',
      httpStatus: 200,
      clientId: tokenClient(world, 'mayo').clientId,
    },
  );
  assert.match(record.tenantId ?? '', /^ten_/);
  assert.equal(body.tokenId, decodeJwt(reply.body.access_token).jti);
  assert.equal(body.authMethod, 'client_assertion');
  assert.equal(body.route, '/oauth2/token');
  for (const part of reply.body.access_token.split('.')) assert.ok(!JSON.stringify(record).includes(part));
});

test('while the ledger cannot record it, no token is given', async () => {
  const url = await world.serveWith((doors) => ({
    ...doors,
    house: {
      ...doors.house,
      ledger: { ...doors.house.ledger, append: () => Promise.reject(new Problem('audit_unavailable')) },
    },
  }));
  const reply = await ask('mayo', {}, url);
  assert.deepEqual([reply.status, reply.body.error], [503, 'temporarily_unavailable']);
  assert.ok(!reply.text.includes('access_token'));
});

test('while storage cannot tell a replay, no token is given', async () => {
  const url = await world.serveWith((doors) => ({
    ...doors,
    issuing: {
      ...doors.issuing,
      spent: { spend: () => Promise.reject(new Problem('service_unavailable')) },
    },
  }));
  const reply = await ask('mayo', {}, url);
  assert.deepEqual([reply.status, reply.body.error], [503, 'temporarily_unavailable']);
  assert.ok(!reply.text.includes('access_token'));
});

test('a token counts against the allowance of its client, and a stranger cannot use that up', async () => {
  const taken: string[] = [];
  const url = await world.serveWith((doors) => ({
    ...doors,
    house: {
      ...doors.house,
      limiter: {
        isReady: () => true,
        async reserve(request) {
          taken.push(request.client);
          if (taken.length > 1) throw new Problem('rate_limit_exceeded', { retryAfterMs: 1_500 });
          return doors.house.limiter.reserve(request);
        },
      },
    },
  }));
  const { clientId } = tokenClient(world, 'summit');
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  assert.equal((await ask('summit', { key: await exportJWK(privateKey) }, url)).status, 401);
  assert.deepEqual(taken, []);
  assert.equal((await ask('summit', {}, url)).status, 200);
  const refused = await ask('summit', {}, url);
  assert.deepEqual([refused.status, refused.body.error], [429, 'rate_limit_exceeded']);
  assert.equal(refused.headers.get('retry-after'), '2');
  assert.deepEqual(taken, [clientId, clientId]);
  const [record] = await world.recordsOf(refused.id);
  assert.deepEqual([record?.eventType, record?.outcome], ['oauth.token', 'denied']);
});

test('what a token takes from the allowance is one request, and no slot is kept', async () => {
  const before = await world.ask('a cough');
  for (let each = 0; each < 3; each += 1) assert.equal((await ask('northwind')).status, 200);
  const after = await world.ask('a cough');
  const left = (reply: typeof before) => Number(reply.headers.get('x-ratelimit-remaining-requests'));
  // Either the same minute, or a new one in which only the last question was asked.
  assert.ok(left(after) === left(before) - 4 || left(after) >= left(before));
});

test('an address that guessed a hundred assertions is told to wait, while a good one from there is let in', async () => {
  await using crowded = await openWorld();
  const client = tokenClient(crowded, 'northwind');
  const wrong = () => assertionOf(client, 'https://other.invalid');
  const statuses: number[] = [];
  for (let each = 0; each < 101; each += 1)
    statuses.push((await askToken(crowded.url, await wrong())).status);
  assert.deepEqual([...new Set(statuses)], [401, 429]);
  assert.equal((await askToken(crowded.url, await assertionOf(client, crowded.url))).status, 200);
});

test('the known members of hl7-b2b are in the token, and no others', async () => {
  const known = {
    version: '1',
    subject_id: 'urn:oid:2.16.840.1.113883.4.6#1234567893',
    organization_id: 'https://northwind.example',
    purpose_of_use: ['urn:oid:2.16.840.1.113883.5.8#TREAT'],
    consent_reference: ['https://consents.example/1'],
  };
  const extensions = { 'hl7-b2b': { ...known, role: 'owner' }, other: { admin: true } };
  const reply = await ask('northwind', { claims: { extensions } });
  assert.deepEqual(decodeJwt(reply.body.access_token).extensions, { 'hl7-b2b': known });
  const bare = await ask('northwind', { claims: { extensions: {} } });
  assert.equal(decodeJwt(bare.body.access_token).extensions, undefined);
});

test('an extension that is out of its form, or too long, is refused', async () => {
  for (const b2b of [
    'TREAT',
    [],
    { purpose_of_use: 'TREAT' },
    { version: '2' },
    { subject_name: 'x'.repeat(201) },
    { purpose_of_use: Array.from({ length: 17 }, () => 'TREAT') },
    { consent_policy: Array.from({ length: 9 }, () => 'x'.repeat(500)) },
  ]) {
    const reply = await ask('northwind', { claims: { extensions: { 'hl7-b2b': b2b } } });
    assert.deepEqual(
      [reply.status, reply.body.error],
      [400, 'invalid_grant'],
      JSON.stringify(b2b).slice(0, 80),
    );
  }
});

test('the documents say where tokens are had, under the public origin and as their standards have it', async () => {
  const read = async (path: string) => {
    const response = await fetch(`${world.url}${path}`, { headers: { host: 'evil.invalid' } });
    assert.equal(response.status, 200, path);
    return response.json();
  };
  const server = authorizationServer.parse(await read('/.well-known/oauth-authorization-server'));
  const smart = smartConfiguration.parse(await read('/.well-known/smart-configuration'));
  const resource = protectedResource.parse(await read('/.well-known/oauth-protected-resource'));
  assert.equal(server.issuer, world.url);
  assert.equal(server.token_endpoint, `${world.url}/oauth2/token`);
  assert.deepEqual(server.token_endpoint_auth_methods_supported, ['private_key_jwt']);
  assert.deepEqual(server.token_endpoint_auth_signing_alg_values_supported, [
    'ES384',
    'ES256',
    'PS256',
    'RS384',
  ]);
  assert.equal(smart.token_endpoint, server.token_endpoint);
  assert.deepEqual(smart.capabilities, ['client-confidential-asymmetric']);
  assert.deepEqual(resource.authorization_servers, [server.issuer]);
  assert.equal(resource.resource, world.url);
  const keys = publicKeySet.parse(await read('/oauth2/jwks'));
  assert.deepEqual(await read('/.well-known/jwks.json'), keys);
  assert.equal(new URL(server.jwks_uri).pathname, '/oauth2/jwks');
  for (const key of keys.keys) assert.equal(Object.hasOwn(key, 'd'), false);
});

test('a proof of another kind of key binds as well', async () => {
  for (const [alg, options] of [
    ['ES384', {}],
    ['PS256', { modulusLength: 2_048 }],
    ['EdDSA', { crv: 'Ed25519' }],
  ] as const) {
    const pair = await generateKeyPair(alg, { extractable: true, ...options });
    const jwk: JWK = await exportJWK(pair.publicKey);
    const dpop = await new SignJWT({
      htm: 'POST',
      htu: `${world.url}/oauth2/token`,
      jti: freshJti(),
      iat: nowS(),
    })
      .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk })
      .sign(pair.privateKey);
    const reply = await ask('mayo', {}, world.url, { dpop });
    assert.equal(reply.status, 200, `${alg}: ${reply.text}`);
    assert.deepEqual(decodeJwt(reply.body.access_token).cnf, { jkt: await calculateJwkThumbprint(jwk) });
  }
});

test('RS256 is offered only where the owner allows it', async () => {
  await using udap = await openWorld({ environment: { STEWARDGATE_CLIENTS_MAY_USE_RS256: 'on' } });
  const read = await fetch(`${udap.url}/.well-known/oauth-authorization-server`);
  const server = authorizationServer.parse(await read.json());
  assert.ok(server.token_endpoint_auth_signing_alg_values_supported.includes('RS256'));
});

test('a suspended organisation gets no token, from the moment that it is suspended', async () => {
  assert.equal((await ask('lakeside')).status, 200);
  assert.equal((await act(world, 'owner', 'POST /admin/v1/tenants/lakeside/suspend')).status, 200);
  const reply = await ask('lakeside');
  assert.deepEqual([reply.status, reply.body.error], [401, 'invalid_client']);
  const [record] = await world.recordsOf(reply.id);
  assert.deepEqual([record?.reasonCode, record?.tenantId], ['tenant_suspended', null]);
  assert.equal((await act(world, 'owner', 'POST /admin/v1/tenants/lakeside/reinstate')).status, 200);
  assert.equal((await ask('lakeside')).status, 200);
});

test('a partner signs in with a key pair of its own from its registration on, and until it is taken away', async () => {
  const { tenant, client } = await newPartner(world);
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const about = { kid: 'ward-app-1', alg: 'ES256' };
  const partner = { clientId: client, privateJwk: { ...(await exportJWK(privateKey)), ...about } };
  const attempt = async () => (await askToken(world.url, await assertionOf(partner, world.url))).status;
  const register = (keys: readonly unknown[]) =>
    act(world, 'owner', `PUT /admin/v1/tenants/${tenant}/clients/${client}/jwks`, { keys });
  assert.equal(await attempt(), 401);
  const registered = await register([{ ...(await exportJWK(publicKey)), ...about }]);
  assert.equal(registered.status, 200, registered.text);
  assert.equal(await attempt(), 200);
  assert.equal((await register([])).status, 200);
  assert.equal(await attempt(), 401);
});
