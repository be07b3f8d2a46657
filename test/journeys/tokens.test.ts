import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { askToken, assertionOf, nowS, tokenClient } from '../support/token-client.ts';
import { proofFor, tokenMaker } from '../support/token-maker.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

async function tokenOf(tenant: string, headers: Record<string, string> = {}): Promise<string> {
  const assertion = await assertionOf(tokenClient(world, tenant), world.url);
  const reply = await askToken(world.url, assertion, { headers });
  assert.equal(reply.status, 200, reply.text);
  return reply.body.access_token;
}

test('a client signs in with its own key, and asks the model with the token it was given', async () => {
  const key = await tokenOf('northwind');
  const answer = await world.ask('a cough', { key });
  assert.equal(answer.status, 200, answer.text);
  for (const record of await world.recordsOf(answer.id)) {
    assert.equal(record.clientId, tokenClient(world, 'northwind').clientId);
    assert.equal(record.body.authMethod, 'access_token');
  }
});

test('a token that was given for a proof asks with another proof by the same key, once', async () => {
  const holder = tokenMaker();
  const url = `${world.url}/oauth2/token`;
  const dpop = proofFor(
    holder,
    { url, method: 'POST', token: '', nowS: nowS() },
    { claims: { ath: undefined } },
  );
  const token = await tokenOf('northwind', { dpop });
  const models = `${world.url}/v1/models`;
  const proof = proofFor(holder, { url: models, token, nowS: nowS() });
  const ask = (headers: Record<string, string>) => fetch(models, { headers });
  const bound = { authorization: `DPoP ${token}`, dpop: proof };
  assert.equal((await ask(bound)).status, 200);
  assert.equal((await ask(bound)).status, 401);
  assert.equal((await ask({ authorization: `Bearer ${token}` })).status, 401);
});
