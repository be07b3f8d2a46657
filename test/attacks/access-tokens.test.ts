import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import { createKeySetFetch } from '../../gateway/adapters/identity/key-set-fetch.ts';
import { createDesk } from '../../gateway/adapters/postgres/desk.ts';
import type { PinnedIssuer } from '../../gateway/core/tenants/issuer.ts';
import { type ClientId, type IssuerId, newId, type TenantId } from '../../gateway/domain/ids.ts';
import { Problem } from '../../gateway/domain/problem.ts';
import { heldClock } from '../support/held-clock.ts';
import { keyServer } from '../support/key-server.ts';
import { act, newPartner, type Partner } from '../support/steward.ts';
import { type ProofAbout, proofFor, segment, type TokenMaker, tokenMaker } from '../support/token-maker.ts';
import { until } from '../support/until.ts';
import {
  type Answer,
  get,
  post,
  refused,
  row,
  sendRaw,
  underAttack,
  type Verdict,
  withPatientDesk,
} from './catalogue.ts';

const SELF = 'http://127.0.0.1:8080';
const clock = heldClock();
const nowS = () => Math.floor(clock.now() / 1_000);
const ours = tokenMaker();
const theirs = tokenMaker('ES384');
const ids = { uuid: () => crypto.randomUUID() };
const provider = await keyServer();
after(() => provider[Symbol.asyncDispose]());

const target = underAttack(
  () => ({
    clock,
    ownKeys: { publicJwks: () => ({ keys: [ours.jwk] }) },
    environment: { STEWARDGATE_PUBLIC_URL: SELF },
    keySetFetch: createKeySetFetch({ allowsUrl: () => true, allowsAddress: () => true }),
    fixtures: { silent: { content: 'late', stallMs: 120_000 } },
  }),
  ['idp_unavailable', 'service_unavailable'],
);

type Fields = Readonly<Record<string, unknown>>;
const INVALID: Verdict = { status: 401, code: 'invalid_token' };
const EXPIRED: Verdict = { status: 401, code: 'token_expired' };
const UNKNOWN_KID: Verdict = { status: 401, code: 'unknown_kid' };
const BAD_PROOF: Verdict = { status: 401, code: 'invalid_dpop_proof' };

const client = () => target.world.demo.tenants.northwind?.clientId ?? '';

/** The claims of a token that the gateway itself would issue. */
const claims = (changes: Fields = {}): Fields => ({
  iss: SELF,
  sub: client(),
  client_id: client(),
  aud: SELF,
  scope: 'model:invoke',
  jti: crypto.randomUUID(),
  iat: nowS(),
  exp: nowS() + 300,
  ...changes,
});
const header = (changes: Fields = {}, maker: TokenMaker = ours): Fields => ({
  typ: 'at+jwt',
  alg: maker.alg,
  kid: maker.kid,
  ...changes,
});
const own = (changes: Fields = {}, head: Fields = {}) => ours.sign(header(head), claims(changes));
const without = (name: string) => {
  const { [name]: _, ...rest } = claims();
  return rest;
};

const ask = (token: string, headers: Fields = {}, url: string = target.url): Promise<Answer> =>
  get(`${url}/v1/models`, {
    headers: { authorization: `Bearer ${token}`, ...(headers as Record<string, string>) },
  });

/** Every refusal of a token is recorded, and neither the answer nor the record holds any of it. */
async function refusedToken(token: string, verdict: Verdict = INVALID): Promise<Answer> {
  const answer = await ask(token);
  await refused(target, answer, verdict);
  const records = JSON.stringify(await target.world.recordsOf(answer.id));
  for (const part of token.split('.').filter((one) => one.length > 16))
    assert.ok(!(answer.text + records).includes(part), 'a part of the token was kept');
  return answer;
}

async function accepted(answer: Answer): Promise<void> {
  assert.equal(answer.status, 200, answer.text);
}

test('a token of our own asks the model, and its records name it by a hash', async () => {
  const token = own();
  const answer = await post(target, 'a cough', { authorization: `Bearer ${token}`, 'api-key': token });
  await accepted(answer);
  const [record] = await target.world.recordsOf(answer.id);
  assert.equal(record?.clientId, client());
  assert.equal(record?.body.authMethod, 'access_token');
  assert.match(record?.body.credentialId ?? '', /^tok_[A-Za-z0-9_-]{32}$/);
  assert.ok(!JSON.stringify(record).includes(token.split('.')[2] ?? ''));
  await accepted(await ask(token));
});

test('a refused token is answered with both challenges (RFC 6750, RFC 9449)', async () => {
  const answer = await refusedToken(own({ aud: 'https://elsewhere.example' }));
  const challenges = answer.headers.get('www-authenticate') ?? '';
  assert.match(challenges, /^Bearer realm="stewardgate", error="invalid_token", DPoP realm=/);
  assert.match(challenges, /algs="ES256 /);
});

const unsigned = (alg: string) => `${segment(header({ alg }))}.${segment(claims())}.`;
const keyedBy = (secret: string) => {
  const text = `${segment(header({ alg: 'HS256' }))}.${segment(claims())}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const rsa = tokenMaker('RS256');
const stranger = tokenMaker();
const text = (changes: string) => JSON.stringify(claims()).replace(/}$/, `,${changes}}`);

type Rows = Readonly<Record<string, readonly (readonly [string, () => string, Verdict?])[]>>;

const TOKENS: Rows = {
  J01: [
    ['alg none', () => unsigned('none')],
    ['alg None', () => unsigned('None')],
    ['alg nOnE with a signature', () => ours.sign(header({ alg: 'nOnE' }), claims())],
  ],
  J02: [
    [
      'HS256 by our public key in PEM',
      () => keyedBy(String(ours.publicKey.export({ type: 'spki', format: 'pem' }))),
    ],
    ['HS256 by our public JWK', () => keyedBy(JSON.stringify(ours.jwk))],
  ],
  J03: [['an algorithm that is not ours', () => rsa.sign(header({}, { ...rsa, kid: ours.kid }), claims())]],
  J04: [
    ['a path', () => own({}, { kid: '../../etc/passwd' }), UNKNOWN_KID],
    ['SQL', () => own({}, { kid: "' OR 1=1--" }), UNKNOWN_KID],
    ['four kilobytes', () => own({}, { kid: 'k'.repeat(4_096) })],
    ['a number', () => own({}, { kid: 1 })],
    ['an emoji', () => own({}, { kid: '🔑' }), UNKNOWN_KID],
  ],
  J05: [
    ['no kid', () => own({}, { kid: undefined })],
    ['an empty kid', () => own({}, { kid: '' })],
  ],
  J06: [
    ['a key of its own', () => stranger.sign(header({ jwk: stranger.jwk, kid: stranger.kid }), claims())],
    ['a place of keys of its own', () => own({}, { jku: `${provider.url}/jku` })],
    ['a place of a certificate', () => own({}, { x5u: `${provider.url}/x5u` })],
    ['a certificate', () => own({}, { x5c: ['MIIB'] })],
  ],
  J07: [
    ['a critical extension', () => own({}, { crit: ['x'], x: 1 })],
    ['an unencoded payload', () => own({}, { b64: false })],
    ['both', () => own({}, { crit: ['b64'], b64: false })],
  ],
  J08: [
    ['an ID token', () => own({}, { typ: 'JWT' })],
    ['no type', () => own({}, { typ: undefined })],
    ['a list of types', () => own({}, { typ: ['at+jwt'] })],
  ],
  J09: [
    ['a client assertion', () => own({ iss: client(), aud: SELF }, { typ: 'client-authentication+jwt' })],
    ['an assertion of ours', () => own({}, { typ: 'client-authentication+jwt' })],
    ['a request context', () => own({}, { typ: 'stewardgate-context+jwt' })],
  ],
  J10: [
    ['ten seconds past', () => own({ iat: nowS() - 200, exp: nowS() - 10 }), EXPIRED],
    ['the very second', () => own({ iat: nowS() - 200, exp: nowS() }), EXPIRED],
    ['no end', () => ours.sign(header(), without('exp'))],
    ['an end in words', () => own({ exp: String(nowS() + 300) })],
  ],
  J11: [
    [
      'an infinite end',
      () => ours.sign(header(), JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e400')),
    ],
    ['a hundred years', () => own({ exp: nowS() + 3_155_760_000 })],
    ['a second more than our own have', () => own({ exp: nowS() + 301 })],
    ['a fraction', () => own({ exp: nowS() + 200.5 })],
  ],
  J12: [
    ['not before a minute', () => own({ nbf: nowS() + 60 })],
    ['issued in ten minutes', () => own({ iat: nowS() + 600, exp: nowS() + 800 })],
    ['issued in eleven seconds', () => own({ iat: nowS() + 11 })],
    ['no time of issue', () => ours.sign(header(), without('iat'))],
  ],
  J13: [
    ['another audience', () => own({ aud: 'https://elsewhere.example' })],
    ['two audiences', () => own({ aud: [SELF, 'https://evil.example'] })],
    ['an audience that begins alike', () => own({ aud: `${SELF}2` })],
    ['no audience', () => ours.sign(header(), without('aud'))],
  ],
  J14: [
    ['a trailing slash', () => own({ iss: `${SELF}/` })],
    ['another case', () => own({ iss: SELF.toUpperCase() })],
    ['a list', () => own({ iss: [SELF] })],
    ['a homoglyph', () => own({ iss: SELF.replace('http', 'һttp') })],
    ['a NUL', () => own({ iss: `${SELF}\u0000` })],
    ['half a character', () => own({ iss: `${SELF}\ud800` })],
    ['four kilobytes', () => own({ iss: `${SELF}/${'x'.repeat(4_000)}` })],
    ['no issuer', () => ours.sign(header(), without('iss'))],
    ['a provider that nobody pinned', () => own({ iss: 'https://login.nowhere.example' })],
  ],
  J15: [
    ['two issuers', () => ours.sign(header(), text(`"iss":"${SELF}"`))],
    ['two subjects', () => ours.sign(header(), text(`"sub":"${client()}"`))],
    ['two subjects, one spelled otherwise', () => ours.sign(header(), text(`"s\\u0075b":"${client()}"`))],
  ],
  J21: [
    ['two segments', () => own().split('.').slice(0, 2).join('.')],
    ['four segments', () => `${own()}.x`],
    ['five segments', () => `${own()}.x.y`],
    ['two spaces', () => ` ${own()}`],
    ['dots', () => '..'],
  ],
  J22: [
    ['a space inside', () => own().replace('.', ' .')],
    ['padding', () => `${own()}=`],
    ['padding inside', () => own().replace('.', '=.')],
    ['the other alphabet', () => own().replace(/.$/, '+')],
    ['bits that mean nothing', () => withOtherBits(own())],
  ],
  J23: [
    ['a signature of zeros', () => resigned(Buffer.alloc(64))],
    ['a signature in DER', () => resigned(Buffer.from('3006020101020101', 'hex'))],
    ["a stranger's signature", () => stranger.sign(header(), claims())],
    ['another payload', () => own().replace(/\.[^.]+\./, `.${segment(claims({ scope: 'admin' }))}.`)],
  ],
  T06: [
    ['a list as subject', () => own({ sub: [client()] })],
    ['an object as subject', () => own({ sub: { toString: client() } })],
    ['a number as client', () => own({ client_id: 7 })],
    ['another subject than client', () => own({ sub: 'somebody' })],
    [
      'a client that was never made',
      () => own({ sub: newId('client', ids), client_id: newId('client', ids) }),
    ],
    ['no id of its own', () => ours.sign(header(), without('jti'))],
  ],
};

function resigned(signature: Buffer): string {
  return [...own().split('.').slice(0, 2), signature.toString('base64url')].join('.');
}

/** The last character of 64 octets has four bits that no octet needs. */
function withOtherBits(token: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + letters[letters.indexOf(token.at(-1) ?? '') + 1];
}

for (const [id, variants] of Object.entries(TOKENS))
  row(id, `refused with a token that has ${variants.map(([name]) => name).join(', ')}`, async () => {
    const asked = provider.asked();
    for (const [, make, verdict] of variants) await refusedToken(make(), verdict);
    assert.equal(provider.asked(), asked, 'no socket was opened');
  });

test('a token is let in when it was issued nine seconds from now, by a clock that is ahead', async () => {
  await accepted(await ask(own({ iat: nowS() + 9, exp: nowS() + 300 })));
  await accepted(await ask(own({ nbf: nowS() + 9 })));
});

row('J16', 'a claim that is named after the machinery of objects is a claim like any other', async () => {
  await accepted(await ask(own({ constructor: { roles: ['owner'] }, roles: ['owner'] })));
  await refusedToken(ours.sign(header(), text('"__proto__":{"roles":["owner"]}')));
  assert.equal(({} as { roles?: unknown }).roles, undefined);
});

row('J20', 'a token that is too long is refused by its length alone', async () => {
  await refusedToken(own({ pad: 'x'.repeat(8_192) }));
  const head = `GET /v1/models HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${own({ pad: 'x'.repeat(20_000) })}\r\n\r\n`;
  const [answer] = await sendRaw(target, head);
  assert.equal(answer?.status, 431);
});

row('J42', 'a token without the scope for the model asks none, however many it has', async () => {
  const scopes = Array.from({ length: 500 }, (_, at) => `s:${at}`).join(' ');
  for (const scope of ['admin', '', 'model:invoke:x MODEL:INVOKE', scopes, undefined])
    await refused(target, await ask(own({ scope })), { status: 403, code: 'insufficient_scope' });
});

row('J45', 'a chain of acting clients that is too long is refused', async () => {
  const chain = (depth: number): Fields =>
    depth === 0 ? { sub: 'app' } : { sub: 'app', act: chain(depth - 1) };
  await refused(target, await ask(own({ act: chain(50) })), { status: 400, code: 'context_invalid' });
  await accepted(await ask(own({ act: chain(2) })));
});

test('a token carries what an API key is too little for, as far as policy goes', async () => {
  const owner = target.world.demo.tenants.mayo?.clientId ?? '';
  const bearer = { authorization: `Bearer ${own({ sub: owner, client_id: owner })}` };
  const care = {
    'x-stewardgate-purpose': 'TREAT',
    'x-stewardgate-user': 'clinician-7',
    'x-stewardgate-data-class': 'phi',
    'x-stewardgate-labels': 'R',
  };
  const asked = (headers: Readonly<Record<string, string>>) =>
    get(`${target.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...care, ...headers },
      body: JSON.stringify({ model: 'mayo-cr', messages: [{ role: 'user', content: 'a cough' }] }),
    });
  await accepted(await asked(bearer));
  const { apiKey = '' } = target.world.demo.tenants.mayo ?? {};
  await refused(target, await asked({ 'api-key': apiKey }), { status: 403, code: 'assurance_required' });
});

test("a token does no act of an operator's", async () => {
  const answer = await act(
    target.world,
    { key: own({ scope: 'operator model:invoke' }) },
    'GET /admin/v1/tenants',
  );
  assert.deepEqual([answer.status, answer.body.code], [403, 'insufficient_scope']);
});

/** A partner whose clients sign in at a provider of their own. */
async function pinned(changes: Partial<PinnedIssuer> = {}, partner?: Partner) {
  const { tenantId, client: clientId, ...of } = partner ?? (await newPartner(target.world));
  const id = newId('issuer', ids);
  const issuer: PinnedIssuer = {
    id,
    tenantId: tenantId as TenantId,
    issuer: `https://login.harbor.example/${id}`,
    jwksUri: `${provider.url}/${id}`,
    audience: 'https://gateway.harbor.example',
    algs: ['ES384', 'PS256'],
    kind: 'generic',
    status: 'active',
    clients: new Map([['ward-app', clientId as ClientId]]),
    ...changes,
  };
  await target.world.gateway.database.transaction((tx) => createDesk(tx).insertIssuer(issuer));
  return { issuer, partner: { tenantId, client: clientId, ...of } };
}

const foreign = (issuer: PinnedIssuer, changes: Fields = {}, maker: TokenMaker = theirs) =>
  maker.sign(
    header({}, maker),
    claims({
      iss: issuer.issuer,
      aud: issuer.audience,
      sub: 'service-7',
      client_id: 'ward-app',
      exp: nowS() + 3_600,
      ...changes,
    }),
  );

test('a token of a pinned provider counts as the client that its name was pinned to', async () => {
  provider.publish(theirs.jwk);
  const { issuer, partner } = await pinned();
  const answer = await ask(foreign(issuer));
  await accepted(answer);
  const [record] = await target.world.recordsOf(answer.id);
  assert.deepEqual([record?.tenantId, record?.clientId], [partner.tenantId, partner.client]);
  await refusedToken(foreign(issuer, { client_id: 'other-app' }));
  await refusedToken(foreign(issuer, { azp: 'other-app' }));
  await refusedToken(foreign(issuer, { exp: nowS() + 3_601 }));
  await refusedToken(foreign(issuer, { aud: SELF }));
  await refusedToken(foreign(issuer, {}, rsa));
});

row('J31', 'a claim that names another tenant gains nothing, and is on record', async () => {
  provider.publish(theirs.jwk);
  const { issuer } = await pinned();
  const answer = await ask(foreign(issuer, { tenant: 'mayo' }));
  await refused(target, answer, { status: 403, code: 'insufficient_scope' });
  const [record] = await target.world.recordsOf(answer.id);
  assert.equal(record?.reasonCode, 'tenant_claim_mismatch');
  const b2b = { organization_id: 'https://mayo.example' };
  const other = await ask(foreign(issuer, { extensions: { 'hl7-b2b': b2b } }));
  await accepted(other);
  assert.equal((await target.world.recordsOf(other.id))[0]?.tenantId, record?.tenantId);
});

test('a provider that is pinned for one tenant never speaks for a client of another', async () => {
  provider.publish(theirs.jwk);
  const other = await newPartner(target.world);
  const { issuer } = await pinned({ clients: new Map([['ward-app', other.client as ClientId]]) });
  await refusedToken(foreign(issuer));
  await assert.rejects(pinned({ issuer: issuer.issuer }, other), { code: 'already_exists' });
});

row('J24', 'a key that is too short is refused, and is no fault', async () => {
  const short = tokenMaker('PS256', 1_024);
  provider.publish(short.jwk);
  await refusedToken(foreign((await pinned()).issuer, {}, short));
});

row('J25', 'a key that is for something else, or for everybody, is not used', async () => {
  const { alg: _, ...plain } = theirs.jwk;
  for (const key of [
    { ...plain, use: 'enc' },
    { ...plain, key_ops: ['encrypt'] },
    { ...plain, alg: 'ES256' },
    { ...plain, d: 'AAAA' },
    { ...plain, crv: 'P-256' },
    { kty: 'oct', k: 'AAAA', kid: theirs.kid },
  ]) {
    provider.publish(key);
    await refusedToken(foreign((await pinned()).issuer));
  }
});

row(
  'J26',
  'a new key is unknown for half a minute at most, and the answer says when to come back',
  async () => {
    provider.publish(theirs.jwk);
    const { issuer } = await pinned();
    await accepted(await ask(foreign(issuer)));
    const next = tokenMaker('ES384');
    provider.publish(theirs.jwk, next.jwk);
    clock.advance(5_000);
    const answer = await refusedToken(foreign(issuer, {}, next), UNKNOWN_KID);
    assert.equal(answer.headers.get('retry-after'), '25');
    clock.advance(25_000);
    await accepted(await ask(foreign(issuer, {}, next)));
  },
);

row('J27', 'a key that was taken back stops working within five minutes', async () => {
  provider.publish(theirs.jwk);
  const { issuer } = await pinned();
  await accepted(await ask(foreign(issuer)));
  provider.publish(tokenMaker('ES384').jwk);
  clock.advance(300_001);
  await refusedToken(foreign(issuer), UNKNOWN_KID);
});

row('J28', 'tokens by keys that nobody has cost one question to their provider', async () => {
  provider.publish(theirs.jwk);
  const { issuer } = await pinned();
  await accepted(await ask(foreign(issuer)));
  clock.advance(31_000);
  const asked = provider.asked();
  const random = Array.from({ length: 100 }, (_, at) => ({ ...theirs, kid: `random-${at}` }));
  const answers = await Promise.all(random.map((maker) => ask(foreign(issuer, {}, maker))));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [401]);
  assert.equal(provider.asked(), asked + 1);
  await accepted(await ask(foreign(issuer)));
});

row('J29', 'of two keys of one name the one that fits is used, and neither when both fit', async () => {
  const twin = { ...tokenMaker('ES384').jwk, kid: theirs.kid };
  provider.publish({ ...rsa.jwk, kid: theirs.kid }, theirs.jwk);
  await accepted(await ask(foreign((await pinned()).issuer)));
  provider.publish(theirs.jwk, twin);
  await refusedToken(foreign((await pinned()).issuer));
});

row(
  'J30',
  'a provider that is down for a minute is not missed; after twenty its tokens are 503',
  async () => {
    provider.publish(theirs.jwk);
    const { issuer } = await pinned();
    await accepted(await ask(foreign(issuer)));
    provider.answer((response) => response.destroy());
    clock.advance(60_000);
    await accepted(await ask(foreign(issuer)));
    clock.advance(1_140_000);
    const answer = await refusedToken(foreign(issuer), { status: 503, code: 'idp_unavailable' });
    assert.ok(Number(answer.headers.get('retry-after')) <= 30);
    await accepted(await ask(own()));
  },
);

const DIRECTORY = '11111111-2222-4333-8444-555555555555';

row('J32', "of Entra's tokens those of the pinned directory and of an application count", async () => {
  const entra = tokenMaker('RS256');
  const { jwk } = entra;
  const { alg: _, ...published } = jwk; // as Entra publishes them, without an algorithm
  provider.publish(published);
  const { issuer } = await pinned({
    kind: 'entra',
    issuer: `https://login.microsoftonline.com/${DIRECTORY}/v2.0`,
    algs: ['RS256'],
  });
  const token = (changes: Fields, head: Fields = {}) =>
    entra.sign(header({ typ: 'JWT', ...head }, entra), {
      iss: issuer.issuer,
      aud: issuer.audience,
      sub: 'object-7',
      oid: 'object-7',
      azp: 'ward-app',
      tid: DIRECTORY,
      ver: '2.0',
      uti: crypto.randomUUID(),
      roles: ['model:invoke'],
      iat: nowS() - 300,
      nbf: nowS() - 300,
      exp: nowS() + 5_400,
      ...changes,
    });
  await accepted(await ask(token({})));
  await accepted(await ask(token({ idtyp: 'app' })));
  for (const changes of [
    { iss: `https://sts.windows.net/${DIRECTORY}/` },
    { iss: 'https://login.microsoftonline.com/common/v2.0' },
    { tid: '99999999-2222-4333-8444-555555555555' },
    { ver: '1.0' },
    { scp: 'model:invoke' },
    { idtyp: 'user' },
    { azp: 'other-app' },
    { azp: undefined, appid: 'ward-app' },
  ])
    await refusedToken(token(changes));
  await refused(target, await ask(token({ roles: undefined, scope: 'model:invoke' })), {
    status: 403,
    code: 'insufficient_scope',
  });
});

const holder = tokenMaker();
const bound = (changes: Fields = {}) => own({ cnf: { jkt: holder.jkt }, ...changes });
const about = (token: string, changes: Partial<ProofAbout> = {}): ProofAbout => ({
  url: `${SELF}/v1/models`,
  token,
  nowS: nowS(),
  ...changes,
});
const askBound = (token: string, dpop: string | undefined, url: string = target.url) =>
  ask(token, { authorization: `DPoP ${token}`, ...(dpop === undefined ? {} : { dpop }) }, url);

test('a bound token with a fresh proof is let in, and is on record as such', async () => {
  const token = bound();
  const answer = await askBound(token, proofFor(holder, about(token)));
  await accepted(answer);
  const [record] = await target.world.recordsOf(answer.id);
  assert.equal(record?.body.authMethod, 'dpop_token');
  await accepted(await askBound(token, proofFor(holder, about(token))));
  for (const alg of ['ES384', 'EdDSA', 'PS256', 'RS256'] as const) {
    const other = tokenMaker(alg);
    const otherToken = own({ cnf: { jkt: other.jkt } });
    await accepted(await askBound(otherToken, proofFor(other, about(otherToken))));
  }
});

row('J33', 'a bound token counts with a proof alone, and a free one is not sent as bound', async () => {
  const token = bound();
  const bearer = await refusedToken(token);
  assert.match(bearer.headers.get('www-authenticate') ?? '', /DPoP realm="stewardgate", algs=/);
  const bare = await askBound(token, undefined);
  await refused(target, bare, BAD_PROOF);
  assert.match(bare.headers.get('www-authenticate') ?? '', /^DPoP .*error="invalid_dpop_proof"/);
  const free = own();
  await refused(target, await askBound(free, proofFor(holder, about(free))), INVALID);
  for (const cnf of [{}, { 'x5t#S256': 'AAAA' }, { jkt: 7 }, [], null, 'jkt', { jkt: holder.jkt, jwk: {} }])
    await refusedToken(own({ cnf }));
});

row('J34', 'a proof is good once, at whichever replica', async () => {
  const token = bound();
  const proof = proofFor(holder, about(token));
  const replica = await target.world.serveWith(withPatientDesk);
  await accepted(await askBound(token, proof, replica));
  await refused(target, await askBound(token, proof), BAD_PROOF);
  await refused(target, await askBound(token, proof, replica), BAD_PROOF);
  const atOnce = proofFor(holder, about(token));
  const answers = await Promise.all(Array.from({ length: 10 }, () => askBound(token, atOnce)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

const { kid: _kid, alg: _alg, ...publicPart } = holder.jwk;
const PROOFS: readonly (readonly [string, (token: string) => string])[] = [
  ['another method', (token) => proofFor(holder, about(token, { method: 'POST' }))],
  ['the method in another case', (token) => proofFor(holder, about(token, { method: 'get' }))],
  ['another host', (token) => proofFor(holder, about(token, { url: 'http://evil.example/v1/models' }))],
  ['another scheme', (token) => proofFor(holder, about(token, { url: 'https://127.0.0.1:8080/v1/models' }))],
  ['another path', (token) => proofFor(holder, about(token, { url: `${SELF}/v1/models/mayo-cr` }))],
  [
    'a user in the URL',
    (token) => proofFor(holder, about(token, { url: 'http://u@127.0.0.1:8080/v1/models' })),
  ],
  ['no URL', (token) => proofFor(holder, about(token, { url: '/v1/models' }))],
  ['the hash of another token', (token) => proofFor(holder, about(token), { claims: { ath: own() } })],
  ['no hash', (token) => proofFor(holder, about(token), { claims: { ath: undefined } })],
  ['another key', (token) => proofFor(tokenMaker(), about(token))],
  [
    'a key that did not sign',
    (token) => proofFor(tokenMaker(), about(token), { header: { jwk: publicPart } }),
  ],
  [
    'the private key',
    (token) =>
      proofFor(holder, about(token), { header: { jwk: holder.privateKey.export({ format: 'jwk' }) } }),
  ],
  ['no key', (token) => proofFor(holder, about(token), { header: { jwk: undefined } })],
  ['HS256', (token) => proofFor(holder, about(token), { header: { alg: 'HS256' } })],
  ['no algorithm', (token) => proofFor(holder, about(token), { header: { alg: 'none' } })],
  ['another type', (token) => proofFor(holder, about(token), { header: { typ: 'JWT' } })],
  ['a critical extension', (token) => proofFor(holder, about(token), { header: { crit: ['x'], x: 1 } })],
  ['a minute and a second of age', (token) => proofFor(holder, about(token, { nowS: nowS() - 61 }))],
  ['a minute and a second of youth', (token) => proofFor(holder, about(token, { nowS: nowS() + 61 }))],
  ['a time in words', (token) => proofFor(holder, about(token), { claims: { iat: `${nowS()}` } })],
  ['no id', (token) => proofFor(holder, about(token), { claims: { jti: undefined } })],
  ['an id of a kilobyte', (token) => proofFor(holder, about(token), { claims: { jti: 'j'.repeat(1_024) } })],
  ['no form', () => 'proof'],
];

row('J35', `a proof is refused that has ${PROOFS.map(([name]) => name).join(', ')}`, async () => {
  const token = bound();
  for (const [name, make] of PROOFS) {
    const answer = await askBound(token, make(token));
    assert.equal(answer.status, 401, name);
    await refused(target, answer, BAD_PROOF);
  }
});

row('J36', 'a proof is for the public origin, however its URL is written', async () => {
  const token = bound();
  for (const url of [
    `${SELF}/v1/models?limit=5`,
    `${SELF}/v1/models#top`,
    `HTTP://127.0.0.1:8080/v1/./models`,
  ])
    await accepted(await askBound(token, proofFor(holder, about(token, { url }))));
  const house = (doors: Parameters<typeof withPatientDesk>[0]) => {
    const tokens = { ...doors.house.tokens, publicUrl: () => 'https://gateway.example' };
    return withPatientDesk({ ...doors, house: { ...doors.house, tokens } });
  };
  const proxied = await target.world.serveWith(house);
  const at = { iss: 'https://gateway.example', aud: 'https://gateway.example' };
  const theirToken = bound(at);
  const proof = proofFor(holder, about(theirToken, { url: 'https://GATEWAY.example:443/v1/models' }));
  await accepted(await askBound(theirToken, proof, proxied));
});

row('J38', 'two proofs, or two Authorization headers, are refused', async () => {
  const token = bound();
  const proof = proofFor(holder, about(token));
  const lines = (...extra: readonly string[]) =>
    ['GET /v1/models HTTP/1.1', 'host: x', 'connection: close', ...extra, '', ''].join('\r\n');
  const [twice] = await sendRaw(
    target,
    lines(`authorization: DPoP ${token}`, `dpop: ${proof}`, `DPoP: ${proof}`),
  );
  assert.equal(twice?.status, 400);
  const [both] = await sendRaw(
    target,
    lines(`authorization: DPoP ${token}`, `Authorization: Bearer ${token}`),
  );
  assert.equal(both?.status, 400);
});

test('where used proofs cannot be looked up, a bound token is refused as 503', async () => {
  const url = await target.world.serveWith((doors) => {
    const down = new Problem('service_unavailable');
    const tokens = { ...doors.house.tokens, proofs: { useOnce: () => Promise.reject(down) } };
    return { ...doors, house: { ...doors.house, tokens } };
  });
  const token = bound();
  const answer = await askBound(token, proofFor(holder, about(token)), url);
  assert.equal(answer.status, 503);
});

row('J43', 'a token of a client, tenant or provider that is stopped is refused within a second', async () => {
  provider.publish(theirs.jwk);
  const { issuer, partner } = await pinned();
  const token = foreign(issuer);
  const ownOfPartner = own({ sub: partner.client, client_id: partner.client });
  for (const one of [token, ownOfPartner]) await accepted(await ask(one));
  await act(target.world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/suspend`);
  assert.ok(await until(async () => (await ask(token)).status === 403));
  for (const one of [token, ownOfPartner])
    await refused(target, await ask(one), { status: 403, code: 'tenant_suspended' });
  await act(target.world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/reinstate`);
  assert.ok(await until(async () => (await ask(token)).status === 200));
  const desk = target.world.gateway.database;
  await desk.transaction((tx) => createDesk(tx).setClientStatus(partner.client as ClientId, 'suspended'));
  assert.ok(await until(async () => (await ask(token)).status === 401));
  await refusedToken(ownOfPartner);
  await desk.transaction((tx) => createDesk(tx).setClientStatus(partner.client as ClientId, 'active'));
  assert.ok(await until(async () => (await ask(token)).status === 200));
  await act(target.world, 'owner', `POST /admin/v1/issuers/${issuer.id}/remove`);
  assert.ok(await until(async () => (await ask(token)).status === 401));
  await refusedToken(foreign(issuer));
  await accepted(await ask(ownOfPartner));
});

const LAPSES: readonly (readonly [string, (partner: Partner, issuer: IssuerId) => string, Verdict])[] = [
  [
    'tenant',
    ({ tenant }) => `POST /admin/v1/tenants/${tenant}/suspend`,
    { status: 403, code: 'tenant_suspended' },
  ],
  ['provider', (_, issuer) => `POST /admin/v1/issuers/${issuer}/remove`, INVALID],
];
for (const [name, route, { status, code }] of LAPSES)
  test(`an answer under way to a token ends when its ${name} is stopped`, async () => {
    provider.publish(theirs.jwk);
    const { issuer, partner } = await pinned();
    const before = target.world.callsToModel().length;
    const asked = get(`${target.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${foreign(issuer)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'mayo-cr', messages: [{ role: 'user', content: 'SIMULATE silent' }] }),
    });
    assert.ok(await until(() => target.world.callsToModel().length > before));
    await act(target.world, 'owner', route(partner, issuer.id));
    const ended = await asked;
    assert.equal(ended.status, status, ended.text);
    assert.match(ended.text, new RegExp(`"code":"${code}"`));
  });

test('a provider that was removed may be pinned anew, for another tenant, with nothing left of before', async () => {
  provider.publish(theirs.jwk);
  const { issuer } = await pinned();
  const token = foreign(issuer);
  await accepted(await ask(token));
  await act(target.world, 'owner', `POST /admin/v1/issuers/${issuer.id}/remove`);
  const again = await pinned({ issuer: issuer.issuer });
  const tenantOf = async ({ id }: Answer) => (await target.world.recordsOf(id))[0]?.tenantId;
  assert.ok(await until(async () => (await tenantOf(await ask(token))) === again.partner.tenantId));
});
