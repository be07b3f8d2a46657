import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eq } from 'drizzle-orm';
import { decodeJwt, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { client } from '../../gateway/adapters/postgres/schema/tenants.ts';
import { createSpentNames } from '../../gateway/adapters/postgres/spent-names.ts';
import type { ClientId } from '../../gateway/domain/ids.ts';
import {
  askToken,
  assertionOf,
  type Changes,
  freshJti,
  nowS,
  sendForm,
  type TokenClient,
  type TokenReply,
  tokenClient,
} from '../support/token-client.ts';
import { row, underAttack } from './catalogue.ts';

const target = underAttack(() => ({}));
const northwind: TokenClient = {
  get clientId() {
    return tokenClient(target.world, 'northwind').clientId;
  },
  get privateJwk() {
    return tokenClient(target.world, 'northwind').privateJwk;
  },
};

interface Refusal {
  readonly status: number;
  readonly error: string;
  /** What the ledger says beyond the code. */
  readonly reason?: string;
}

const STRANGER: Refusal = { status: 401, error: 'invalid_client' };
const because = (reason: string): Refusal => ({ ...STRANGER, reason });

/** OAuth's own error, one record of it, and nothing of what was sent in either. */
async function refused(reply: TokenReply, { status, error, reason }: Refusal, sent = ''): Promise<void> {
  assert.deepEqual({ status: reply.status, error: reply.body.error }, { status, error }, reply.text);
  assert.match(reply.headers.get('content-type') ?? '', /^application\/json/);
  assert.equal(reply.headers.get('cache-control'), 'no-store');
  const records = await target.world.recordsOf(reply.id);
  assert.deepEqual(
    records.map(({ phase, eventType, httpStatus }) => ({ phase, eventType, httpStatus })),
    [{ phase: 'single', eventType: 'oauth.token', httpStatus: status }],
  );
  if (reason !== undefined) assert.equal(records[0]?.reasonCode, reason);
  for (const part of sent.split('.').filter((piece) => piece.length > 8))
    assert.ok(!(reply.text + JSON.stringify(records) + JSON.stringify(target.world.log)).includes(part));
}

async function refusedWith(changes: Changes, refusal: Refusal = STRANGER): Promise<void> {
  const assertion = await assertionOf(northwind, target.world.url, changes);
  await refused(await askToken(target.url, assertion), refusal, assertion);
}

async function accepted(changes: Changes = {}): Promise<string> {
  const reply = await askToken(target.url, await assertionOf(northwind, target.world.url, changes));
  assert.equal(reply.status, 200, reply.text);
  return reply.body.access_token;
}

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const claimsOf = async () => decodeJwt(await assertionOf(northwind, target.world.url));

/** Registers other keys for the client while something is tried. */
async function withKeys(keys: readonly JWK[], attempt: () => Promise<void>): Promise<void> {
  const { handle } = target.world.gateway.database;
  const isNorthwind = eq(client.id, northwind.clientId as ClientId);
  const [before] = await handle.select({ jwks: client.jwks }).from(client).where(isNorthwind);
  await handle.update(client).set({ jwks: { keys } }).where(isNorthwind);
  try {
    await attempt();
  } finally {
    await handle
      .update(client)
      .set({ jwks: before?.jwks ?? null })
      .where(isNorthwind);
  }
}

const publicOf = ({ kty, crv, x, y, kid, alg }: JWK): JWK => ({ kty, crv, x, y, kid, alg }) as JWK;

row('J01', 'an assertion without a signature is refused, however `none` is spelled', async () => {
  const claims = await claimsOf();
  for (const alg of ['none', 'None', 'nOnE'])
    for (const signature of ['', 'AAAA']) {
      const assertion = `${encode({ alg, kid: northwind.privateJwk.kid })}.${encode(claims)}.${signature}`;
      await refused(await askToken(target.url, assertion), STRANGER, assertion);
    }
});

row('J02', 'an assertion that is authenticated with the public key as a secret is refused', async () => {
  const secret = Buffer.from(JSON.stringify(publicOf(northwind.privateJwk)));
  const assertion = await new SignJWT(await claimsOf())
    .setProtectedHeader({ alg: 'HS256', kid: northwind.privateJwk.kid })
    .sign(secret);
  await refused(await askToken(target.url, assertion), because('alg_not_allowed'), assertion);
});

row(
  'J03',
  'RS256 is refused where the owner has not allowed it, and an algorithm that is not the key’s',
  async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'rsa-of-northwind' };
    const key = await exportJWK(privateKey);
    await withKeys([jwk], async () => {
      await refusedWith({ key, header: { alg: 'RS256', kid: jwk.kid } });
      await accepted({ key, header: { alg: 'RS384', kid: jwk.kid } });
      await accepted({ key, header: { alg: 'PS256', kid: jwk.kid } });
    });
    const other = await generateKeyPair('ES256', { extractable: true });
    await refusedWith(
      { key: await exportJWK(other.privateKey), header: { alg: 'ES256' } },
      because('no_single_key'),
    );
  },
);

row('J04', 'a key name that is a path, a query, too long, no text or a picture is refused', async () => {
  const names = ['../../etc/passwd', "' OR 1=1--", 'k'.repeat(4_096), 7, '🗝️', '__proto__', ''];
  for (const kid of names) await refusedWith({ header: { kid } });
});

row('J05', 'an assertion that names no key is refused, though only one is registered', async () => {
  await refusedWith({ header: { kid: undefined } });
});

row('J06', 'a key that comes with the assertion, or an address of one, is refused unseen', async () => {
  const attacker = await generateKeyPair('ES384', { extractable: true });
  const key = await exportJWK(attacker.privateKey);
  const jwk = await exportJWK(attacker.publicKey);
  for (const header of [
    { jwk },
    { jku: 'https://keys.invalid/jwks.json' },
    { x5u: 'https://keys.invalid/chain' },
    { x5c: ['MIIB'] },
  ]) {
    await refusedWith({ header });
    await refusedWith({ header, key });
  }
  await refusedWith({ key }, because('signature_invalid'));
});

row('J07', 'an assertion with critical extensions or an unencoded payload is refused', async () => {
  const claims = await claimsOf();
  for (const header of [{ crit: ['exp'] }, { crit: ['b64'], b64: false }, { b64: false }]) {
    const { alg, kid } = northwind.privateJwk;
    const assertion = `${encode({ alg, kid, ...header })}.${encode(claims)}.${'A'.repeat(128)}`;
    await refused(await askToken(target.url, assertion), STRANGER, assertion);
  }
});

row('J09', 'an access token, or any JWT of another type, is no client assertion', async () => {
  const token = await accepted();
  await refused(await askToken(target.url, token), STRANGER, token);
  for (const typ of ['at+jwt', 'dpop+jwt', 'sg-context+jwt', 'secevent+jwt'])
    await refusedWith({ header: { typ } }, STRANGER);
  for (const typ of ['JWT', 'client-authentication+jwt', undefined]) await accepted({ header: { typ } });
});

row('J10', 'an assertion that is expired, or does not say when it expires, is refused', async () => {
  for (const exp of [nowS() - 10, nowS(), undefined, String(nowS() + 60), null, true])
    await refusedWith({ claims: { exp } });
});

row('J11', 'an assertion that never expires, or in a hundred years, is refused', async () => {
  await refusedWith({ claims: { exp: nowS() + 100 * 365 * 86_400 } });
  await refusedWith({ claims: { exp: nowS() + 60.5 } });
  const { alg, kid } = northwind.privateJwk;
  const claims = JSON.stringify(await claimsOf()).replace(/"exp":\d+/, '"exp":1e400');
  const assertion = `${encode({ alg, kid })}.${encode(claims)}.${'A'.repeat(128)}`;
  await refused(await askToken(target.url, assertion), STRANGER, assertion);
});

row('J12', 'an assertion from the future is refused, one from a clock a little fast is not', async () => {
  await refusedWith({ claims: { nbf: nowS() + 60 } });
  await refusedWith({ claims: { iat: nowS() + 600, exp: nowS() + 660 } });
  await refusedWith({ claims: { iat: nowS() + 12 } });
  await accepted({ claims: { iat: nowS() + 9, nbf: nowS() + 9 } });
  await accepted({ claims: { iat: undefined } });
});

row(
  'J13',
  'an assertion for somebody else, for several, or for a name that begins alike is refused',
  async () => {
    const own = target.world.url;
    for (const aud of [
      'https://other.invalid',
      [own],
      [own, 'https://evil.invalid'],
      `${own}2`,
      `${own}/`,
      '',
      7,
    ])
      await refusedWith({ claims: { aud } });
    await accepted({ claims: { aud: own } });
    await accepted({ claims: { aud: `${own}/oauth2/token` } });
  },
);

row(
  'J14',
  'a client that is spelled otherwise is another, and so is one that is not its own subject',
  async () => {
    const { clientId } = northwind;
    const others = [
      `${clientId}/`,
      clientId.toUpperCase(),
      [clientId],
      clientId.replace('c', 'с'),
      `${clientId} `,
    ];
    for (const iss of others) await refusedWith({ claims: { iss, sub: iss } });
    await refusedWith({ claims: { iss: tokenClient(target.world, 'mayo').clientId } });
    await refusedWith({ claims: { sub: tokenClient(target.world, 'mayo').clientId } });
  },
);

row('J15', 'an assertion that says a thing twice is refused', async () => {
  const { alg, kid } = northwind.privateJwk;
  const claims = JSON.stringify(await claimsOf());
  for (const twice of [
    claims.replace('{', `{"iss":"cli_evil",`),
    claims.replace('{', '{"s\\u0075b":"cli_evil",'),
  ]) {
    const assertion = `${encode({ alg, kid })}.${encode(twice)}.${'A'.repeat(128)}`;
    await refused(await askToken(target.url, assertion), because('assertion_malformed'), assertion);
  }
});

row('J16', 'a claim that is named like a part of every object gains nothing', async () => {
  const token = decodeJwt(
    await accepted({ claims: { constructor: { roles: ['owner'] }, roles: ['owner'] } }),
  );
  assert.equal(Object.hasOwn(token, 'roles') || Object.hasOwn(token, 'constructor'), false);
  const { alg, kid } = northwind.privateJwk;
  const claims = JSON.stringify(await claimsOf()).replace('{', '{"__proto__":{"roles":["owner"]},');
  const assertion = `${encode({ alg, kid })}.${encode(claims)}.${'A'.repeat(128)}`;
  await refused(await askToken(target.url, assertion), STRANGER, assertion);
  assert.equal(({} as { roles?: unknown }).roles, undefined);
});

row('J17', 'an assertion is good once, on whichever replica, and of many at the same time one', async () => {
  const assertion = await assertionOf(northwind, target.world.url);
  assert.equal((await askToken(target.url, assertion)).status, 200);
  await refused(await askToken(target.url, assertion), because('assertion_replayed'), assertion);
  const otherReplica = await target.world.serveWith((doors) => ({
    ...doors,
    issuing: { ...doors.issuing, spent: createSpentNames(target.world.gateway.database) },
  }));
  await refused(await askToken(otherReplica, assertion), because('assertion_replayed'), assertion);
  const another = await assertionOf(northwind, target.world.url);
  const urls = Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? target.url : otherReplica));
  const replies = await Promise.all(urls.map((url) => askToken(url, another)));
  assert.equal(replies.filter(({ status }) => status === 200).length, 1);
  assert.deepEqual([...new Set(replies.map(({ status }) => status))].toSorted(), [200, 401]);
});

row('J18', 'the same name from another client, and once more after its time, is not a replay', async () => {
  const jti = freshJti();
  await accepted({ claims: { jti } });
  const mayo = tokenClient(target.world, 'mayo');
  const fromMayo = await assertionOf(mayo, target.world.url, { claims: { jti } });
  assert.equal((await askToken(target.url, fromMayo)).status, 200);
  const spent = createSpentNames(target.world.gateway.database);
  const name = { of: 'assertion', client: northwind.clientId, jti: freshJti() } as const;
  const { clock } = target.world.gateway.office;
  const now = clock.now();
  const later = (ms: number) => (now + ms) as typeof now;
  assert.equal(await spent.spend(name, { now: later(-60_000), until: later(-1) }), true);
  await accepted({ claims: { jti: name.jti } });
  await refusedWith({ claims: { jti: name.jti } }, because('assertion_replayed'));
});

row('J19', 'an assertion that is good for longer than five minutes is refused', async () => {
  await refusedWith({ claims: { iat: nowS(), exp: nowS() + 301 } });
  await refusedWith({ claims: { iat: undefined, exp: nowS() + 305 } });
  await accepted({ claims: { iat: nowS(), exp: nowS() + 300 } });
});

row('J20', 'an assertion of two megabytes is not read to its end', async () => {
  const reply = await askToken(target.url, `e30.${'A'.repeat(2 * 1_024 * 1_024)}.AAAA`);
  await refused(reply, { status: 413, error: 'invalid_request' });
  const long = await askToken(target.url, `e30.${'A'.repeat(9_000)}.AAAA`);
  await refused(long, { status: 400, error: 'invalid_request' });
});

row('J21', 'what has not three parts is no assertion', async () => {
  const [head = '', body = '', signature = ''] = (await assertionOf(northwind, target.world.url)).split('.');
  for (const assertion of [
    '',
    '..',
    `${head}.${body}`,
    `${head}.${body}.${signature}.`,
    `${head}.${body}.${signature}.x.y`,
    `${head}..${signature}`,
    'bearer',
    '%00',
    encode('[]').repeat(2),
  ])
    await refused(await askToken(target.url, assertion), STRANGER, assertion);
  await refused(await askToken(target.url, undefined), STRANGER);
});

row('J22', 'an assertion cannot be written in a second way to be used twice', async () => {
  const assertion = await assertionOf(northwind, target.world.url);
  const [head = '', body = '', signature = ''] = assertion.split('.');
  const last = signature.at(-1) ?? '';
  const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const spare = `${body.slice(0, -1)}${LETTERS[LETTERS.indexOf(body.at(-1) ?? '') ^ 1]}`;
  for (const written of [
    ` ${assertion}`,
    `${head} .${body}.${signature}`,
    `${head}.${body}\n.${signature}`,
    `${head}.${body}=.${signature}`,
    `${head}.${body}.${signature}==`,
    `${head}.${spare}.${signature}`,
    `${head}.${body}.${signature.replaceAll('-', '+').replaceAll('_', '/')}${last === '+' ? '' : '='}`,
  ])
    await refused(await askToken(target.url, written), STRANGER);
  assert.equal((await askToken(target.url, assertion)).status, 200);
});

row('J23', 'a signature of zeros, in DER, or cut short is refused', async () => {
  const [head, body, signature = ''] = (await assertionOf(northwind, target.world.url)).split('.');
  const octets = Buffer.from(signature, 'base64url');
  const der = Buffer.concat([Buffer.from([0x30, 0x64, 0x02, 0x30]), octets.subarray(0, 48), octets]);
  for (const forged of [Buffer.alloc(96), der, octets.subarray(0, 95), Buffer.alloc(1)])
    await refused(
      await askToken(target.url, `${head}.${body}.${forged.toString('base64url')}`),
      because('signature_invalid'),
    );
});

row('J24', 'a key of 1024 bits is no key', async () => {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 1_024,
      publicExponent: Uint8Array.of(1, 0, 1),
      hash: 'SHA-384',
    },
    true,
    ['sign', 'verify'],
  );
  const kid = 'short-rsa';
  const { alg, kid: _, ...header } = { alg: 'RS384', kid };
  const signed = `${encode({ ...header, alg, kid })}.${encode(await claimsOf())}`;
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, Buffer.from(signed));
  const { kty, n, e } = await crypto.subtle.exportKey('jwk', publicKey);
  await withKeys([{ kty, n, e, kid } as JWK], async () => {
    const assertion = `${signed}.${Buffer.from(signature).toString('base64url')}`;
    await refused(await askToken(target.url, assertion), because('no_single_key'), assertion);
  });
});

row(
  'J25',
  'a registered key for another use, another algorithm or of another kind verifies nothing',
  async () => {
    const jwk = publicOf(northwind.privateJwk);
    const { alg: _, ...bare } = jwk;
    for (const unfit of [
      { ...jwk, use: 'enc' },
      { ...jwk, key_ops: ['encrypt'] },
      { ...jwk, alg: 'ES512' },
      { ...jwk, crv: 'P-256' },
      { kty: 'oct', k: 'AAAA', kid: jwk.kid },
      { ...jwk, x: 'AAAA' },
      { ...jwk, x: 7 },
      null,
    ])
      await withKeys([unfit as JWK], () => refusedWith({}));
    for (const fit of [jwk, bare, { ...bare, use: 'sig', key_ops: ['verify'] }])
      await withKeys([fit], async () => void (await accepted()));
  },
);

row('J29', 'of two keys of one name the one that fits is taken, and of two that fit none', async () => {
  const jwk = publicOf(northwind.privateJwk);
  const { publicKey } = await generateKeyPair('ES256', { extractable: true });
  const small = { ...(await exportJWK(publicKey)), kid: jwk.kid };
  await withKeys([small as JWK, jwk], async () => void (await accepted()));
  const twin = await generateKeyPair('ES384', { extractable: true });
  const another = { ...(await exportJWK(twin.publicKey)), kid: jwk.kid };
  await withKeys([jwk, another as JWK], () => refusedWith({}, because('no_single_key')));
});

row(
  'J42',
  'a scope that is not there to be had is not given, nor read when there are thousands',
  async () => {
    const wrong = ['admin', 'model:invoke admin', 'model:invoke  ', '', 'MODEL:INVOKE', 'a '.repeat(10_000)];
    for (const scope of wrong) {
      const assertion = await assertionOf(northwind, target.world.url);
      const reply = await askToken(target.url, assertion, { fields: { scope } });
      await refused(reply, { status: 400, error: 'invalid_scope' }, assertion);
    }
    const assertion = await assertionOf(northwind, target.world.url);
    const reply = await askToken(target.url, assertion, { fields: { scope: undefined } });
    assert.equal(reply.body.scope, 'model:invoke');
  },
);

test('a form that is not what OAuth asks for has the error that OAuth has for it', async () => {
  const good = () => assertionOf(northwind, target.world.url);
  const cases: readonly (readonly [Record<string, string | undefined>, Refusal])[] = [
    [{ grant_type: undefined }, { status: 400, error: 'invalid_request' }],
    [{ grant_type: 'password' }, { status: 400, error: 'unsupported_grant_type' }],
    [{ grant_type: 'refresh_token' }, { status: 400, error: 'unsupported_grant_type' }],
    [{ grant_type: 'authorization_code' }, { status: 400, error: 'unsupported_grant_type' }],
    [{ client_assertion_type: undefined }, STRANGER],
    [{ client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }, STRANGER],
    [{ client_id: 'cli_another' }, STRANGER],
    [{ client_secret: 'secret' }, { status: 400, error: 'invalid_request' }],
    [{ client_assertion: undefined, client_secret: 'secret' }, STRANGER],
    [{ resource: 'https://other.invalid' }, { status: 400, error: 'invalid_target' }],
    [
      { resource: target.world.url, client_id: northwind.clientId, audience: 'x' },
      { status: 200, error: '' },
    ],
  ];
  for (const [fields, refusal] of cases) {
    const reply = await askToken(target.url, await good(), { fields });
    if (refusal.status === 200) assert.equal(reply.status, 200, reply.text);
    else await refused(reply, refusal);
  }
  const basic = { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` };
  await refused(await askToken(target.url, await good(), { headers: basic }), {
    status: 400,
    error: 'invalid_request',
  });
  await refused(await sendForm(target.url, 'grant_type=a&grant_type=b'), {
    status: 400,
    error: 'invalid_request',
  });
  const many = Array.from({ length: 40 }, (_, at) => `f${at}=1`).join('&');
  await refused(await sendForm(target.url, many), { status: 400, error: 'invalid_request' });
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
    await refused(await sendForm(target.url, '{}', { 'content-type': type }), {
      status: 415,
      error: 'invalid_request',
    });
  const packed = await sendForm(target.url, 'x', { 'content-encoding': 'gzip' });
  await refused(packed, { status: 415, error: 'invalid_request' });
});

test('nothing that is sent to the token endpoint makes it fail', async () => {
  const assertion = await assertionOf(northwind, target.world.url);
  const bodies = [
    '',
    '&&&&',
    '=',
    '%',
    '%00=%00',
    'grant_type[]=client_credentials',
    '__proto__=1&constructor=2&hasOwnProperty=3',
    `grant_type=client_credentials&client_assertion_type=x&client_assertion=${assertion}&__proto__=x`,
    'grant_type=client_credentials&client_assertion=%F0%9F%97%9D&client_assertion_type=%C3%28',
  ];
  for (const body of bodies) {
    const reply = await sendForm(target.url, body);
    assert.ok(reply.status >= 400 && reply.status < 500, `${body} -> ${reply.status}`);
    assert.equal(typeof reply.body.error, 'string');
  }
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const response = await fetch(`${target.url}/oauth2/token`, { method });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'POST');
    assert.equal(((await response.json()) as { error: string }).error, 'invalid_request');
  }
  for (const path of [
    '/oauth2',
    '/oauth2/',
    '/oauth2/auth',
    '/oauth2/token/',
    '/oauth2/token/x',
    '/oauth2/me',
  ])
    assert.equal((await fetch(`${target.url}${path}`, { method: 'POST' })).status, 404, path);
  assert.equal((await fetch(`${target.url}/.well-known/openid-configuration`)).status, 404);
});

test('a client that is suspended, or whose organisation is, gets the answer of a stranger', async () => {
  const { handle } = target.world.gateway.database;
  const isNorthwind = eq(client.id, northwind.clientId as ClientId);
  await handle.update(client).set({ status: 'suspended' }).where(isNorthwind);
  const suspended = await assertionOf(northwind, target.world.url);
  const reply = await askToken(target.url, suspended);
  await handle.update(client).set({ status: 'active' }).where(isNorthwind);
  await refused(reply, because('client_suspended'), suspended);
  const ghost = { ...northwind, clientId: `cli_${crypto.randomUUID()}` };
  const unknown = await askToken(target.url, await assertionOf(ghost, target.world.url));
  await refused(unknown, because('client_unknown'));
  const { request_id: _, ...one } = JSON.parse(reply.text) as Record<string, string>;
  const { request_id: __, ...other } = JSON.parse(unknown.text) as Record<string, string>;
  assert.deepEqual(one, other);
});
