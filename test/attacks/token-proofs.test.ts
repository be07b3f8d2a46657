import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { decodeJwt, exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { createSpentNames } from '../../gateway/adapters/postgres/spent-names.ts';
import {
  askToken,
  assertionOf,
  type Changes,
  freshJti,
  nowS,
  type TokenReply,
  tokenClient,
} from '../support/token-client.ts';
import { row, sendRaw, underAttack } from './catalogue.ts';

const target = underAttack(() => ({}));
const pair = await generateKeyPair('ES256', { extractable: true });
const jwk = await exportJWK(pair.publicKey);
const endpoint = () => `${target.world.url}/oauth2/token`;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A proof that keeps every rule, but for the changes. */
async function proof({ header = {}, claims = {} }: Changes = {}): Promise<string> {
  const about = { alg: 'ES256', typ: 'dpop+jwt', jwk, ...header };
  const said = { htm: 'POST', htu: endpoint(), jti: freshJti(), iat: nowS(), ...claims };
  return new SignJWT(JSON.parse(JSON.stringify(said)))
    .setProtectedHeader(JSON.parse(JSON.stringify(about)) as JWTHeaderParameters)
    .sign(pair.privateKey);
}

async function ask(dpop: string, url = target.url): Promise<TokenReply> {
  const assertion = await assertionOf(tokenClient(target.world, 'northwind'), target.world.url);
  return askToken(url, assertion, { headers: { dpop } });
}

/** No token, not even one that is bound to nothing. */
async function refused(dpop: string, url = target.url): Promise<void> {
  const reply = await ask(dpop, url);
  assert.deepEqual(
    { status: reply.status, error: reply.body.error },
    { status: 400, error: 'invalid_dpop_proof' },
    reply.text,
  );
  const [record, ...more] = await target.world.recordsOf(reply.id);
  assert.deepEqual(
    { eventType: record?.eventType, outcome: record?.outcome, more },
    { eventType: 'oauth.token', outcome: 'client_error', more: [] },
  );
  const kept = JSON.stringify([record, target.world.log]) + reply.text;
  for (const part of dpop.split('.').filter((piece) => piece.length > 8)) assert.ok(!kept.includes(part));
}

async function bound(dpop: string, url = target.url): Promise<void> {
  const reply = await ask(dpop, url);
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.body.token_type, 'DPoP');
  assert.ok((decodeJwt(reply.body.access_token).cnf as { jkt: string }).jkt.length > 40);
}

row(
  'J34',
  'a proof is good for one token, on whichever replica, and of many at the same time one',
  async () => {
    const once = await proof();
    await bound(once);
    await refused(once);
    const otherReplica = await target.world.serveWith((doors) => ({
      ...doors,
      issuing: { ...doors.issuing, spent: createSpentNames(target.world.gateway.database) },
    }));
    await refused(once, otherReplica);
    const another = await proof();
    const urls = Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? target.url : otherReplica));
    const replies = await Promise.all(urls.map((url) => ask(another, url)));
    assert.equal(replies.filter(({ status }) => status === 200).length, 1);
  },
);

row('J35', 'a proof for something else, of another kind or another time gets no token', async () => {
  const { host } = new URL(target.world.url);
  for (const htu of [
    'https://other.invalid/oauth2/token',
    `https://${host}/oauth2/token`,
    `${target.world.url}/oauth2/token/`,
    `${target.world.url}/v1/models`,
    target.world.url,
    'no address',
    7,
    undefined,
  ])
    await refused(await proof({ claims: { htu } }));
  for (const htm of ['GET', 'post', '', undefined]) await refused(await proof({ claims: { htm } }));
  for (const iat of [nowS() - 63, nowS() + 63, undefined, '1', 1.5])
    await refused(await proof({ claims: { iat } }));
  for (const jti of [undefined, '', 7, 'x'.repeat(300)]) await refused(await proof({ claims: { jti } }));
  for (const typ of ['JWT', 'at+jwt', undefined]) await refused(await proof({ header: { typ } }));
  const other = await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey);
  const privateJwk = await exportJWK(pair.privateKey);
  for (const key of [
    other,
    privateJwk,
    undefined,
    null,
    'x',
    { kty: 'oct', k: 'AAAA' },
    { ...jwk, crv: 'P-384' },
  ])
    await refused(await proof({ header: { jwk: key as JWK } }));
  await refused(await proof({ claims: { nonce: 'made up' } }));
});

row('J36', 'the address in a proof may be written with a query or a host in capitals', async () => {
  const { host } = new URL(target.world.url);
  for (const htu of [
    `${endpoint()}?x=1`,
    `${endpoint()}#part`,
    endpoint().replace('http:', 'HTTP:'),
    `http://${host}/./oauth2/token`,
  ])
    await bound(await proof({ claims: { htu } }));
  // Where it was sent does not matter, only the gateway's public origin does.
  const elsewhere = await target.world.serveWith((doors) => doors);
  await refused(await proof({ claims: { htu: `${elsewhere}/oauth2/token` } }), elsewhere);
  await bound(await proof(), elsewhere);
});

row('J38', 'two proofs in one request, or none that is one, get no token', async () => {
  const [one, other] = [await proof(), await proof()];
  await refused(`${one}, ${other}`);
  for (const dpop of ['x', 'a.b.c', `${one}.${one}`, '{}']) await refused(dpop);
  const unsigned = `${encode({ alg: 'none', typ: 'dpop+jwt', jwk })}.${encode({})}.AAAA`;
  await refused(unsigned);
  const head = encode({ alg: 'HS256', typ: 'dpop+jwt', jwk });
  const body = encode({ htm: 'POST', htu: endpoint(), jti: freshJti(), iat: nowS() });
  const mac = createHmac('sha256', JSON.stringify(jwk)).update(`${head}.${body}`).digest('base64url');
  await refused(`${head}.${body}.${mac}`);
  const assertion = await assertionOf(tokenClient(target.world, 'northwind'), target.world.url);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  }).toString();
  const [answer] = await sendRaw(
    target,
    'POST /oauth2/token HTTP/1.1\r\nhost: gateway.example\r\nconnection: close\r\n' +
      `content-type: application/x-www-form-urlencoded\r\ncontent-length: ${form.length}\r\n` +
      `dpop: ${one}\r\ndpop: ${other}\r\n\r\n${form}`,
  );
  assert.equal(answer?.status, 400);
  assert.match(answer?.text ?? '', /"error":"invalid_dpop_proof"/);
});
