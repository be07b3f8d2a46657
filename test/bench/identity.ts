import { createDesk } from '../../gateway/adapters/postgres/desk.ts';
import type { Jwk } from '../../gateway/core/tenants/jwk.ts';
import { VerifiedTokens } from '../../gateway/core/tenants/verified-tokens.ts';
import { newId } from '../../gateway/domain/ids.ts';
import { Entry } from '../../gateway/pipeline/entry.ts';
import type { House } from '../../gateway/pipeline/house.ts';
import { goodCredential } from '../../gateway/pipeline/identify.ts';
import { type MakerAlg, proofFor, tokenMaker } from '../support/token-maker.ts';
import { keyOf, openWorld } from '../world.ts';

/**
 * What it costs to know a caller by an access token, against the API key in the same run: CPU for each request of
 * everything from the headers to the client, without the rest of the request.
 */
const ROUNDS = 7;
const CALLS = 200;
const SELF = 'http://127.0.0.1:8080';
const ISSUER = 'https://login.bench.example';
const AUDIENCE = 'https://gateway.bench.example';
const nowS = Math.floor(Date.now() / 1_000);

const ours = tokenMaker();
const holder = tokenMaker();
const makers = (['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA'] as const).map((alg) => tokenMaker(alg));
let fetches = 0;

await using world = await openWorld({
  environment: { STEWARDGATE_PUBLIC_URL: SELF },
  ownKeys: { publicJwks: () => ({ keys: [ours.jwk] }) },
  keySetFetch: async (): Promise<readonly Jwk[]> => {
    fetches += 1;
    return makers.map(({ jwk }) => jwk);
  },
});
const { house } = world.gateway.doors;
const key = keyOf(world.demo, 'northwind');
const client = world.demo.tenants.northwind?.clientId;
if (client === undefined) throw new Error('the demo has no northwind');
await pinProvider(client);

const about = { sub: client, client_id: client, scope: 'model:invoke', iat: nowS, exp: nowS + 300 };
const own = (more: object = {}) =>
  ours.sign(
    { typ: 'at+jwt', alg: ours.alg, kid: ours.kid },
    { ...about, iss: SELF, aud: SELF, jti: crypto.randomUUID(), ...more },
  );
const foreign = (maker: (typeof makers)[number], kid = maker.kid) =>
  maker.sign(
    { typ: 'at+jwt', alg: maker.alg, kid },
    { ...about, iss: ISSUER, aud: AUDIENCE, client_id: 'bench', jti: crypto.randomUUID() },
  );

/** Remembers nothing, so that each call verifies anew. */
const forgetful: House = { ...house, tokens: { ...house.tokens, verified: new VerifiedTokens(0) } };
const trusting: House = {
  ...house,
  tokens: { ...house.tokens, proofs: { useOnce: () => Promise.resolve(true) } },
};

interface Call {
  readonly authorization: string;
  readonly proof?: string;
}

interface Case {
  readonly in: House;
  /** What is sent in one round; made before the clock runs. */
  readonly calls: () => readonly Call[];
  readonly isRefused?: true;
}

const same = (call: Call) => () => Array.from({ length: CALLS }, () => call);
const bound = own({ cnf: { jkt: holder.jkt } });
const proven = () => ({ authorization: `DPoP ${bound}`, proof: proofOf() });
const proofOf = () => proofFor(holder, { url: `${SELF}/v1/models`, token: bound, nowS });
const uncached = (alg: MakerAlg): Case => ({
  in: forgetful,
  calls: () => {
    const maker = makers.find((one) => one.alg === alg) ?? ours;
    return same({ authorization: `Bearer ${foreign(maker)}` })();
  },
});

const CASES: Readonly<Record<string, Case>> = {
  apiKey: { in: house, calls: same({ authorization: `Bearer ${key}` }) },
  cached: { in: house, calls: same({ authorization: `Bearer ${own()}` }) },
  es256: uncached('ES256'),
  es384: uncached('ES384'),
  ps256: uncached('PS256'),
  rs256: uncached('RS256'),
  eddsa: uncached('EdDSA'),
  dpopWithoutStore: { in: trusting, calls: same(proven()) },
  dpop: { in: house, calls: () => Array.from({ length: CALLS }, proven) },
  unknownKid: {
    in: house,
    calls: () =>
      Array.from({ length: CALLS }, (_, at) => ({
        authorization: `Bearer ${foreign(makers[0] ?? ours, `random-${at}`)}`,
      })),
    isRefused: true,
  },
};

const taken = new Map<string, number[]>(Object.keys(CASES).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, one] of Object.entries(CASES)) taken.get(name)?.push(await microsPerCall(one));
const micros = Object.fromEntries([...taken].map(([name, all]) => [name, median(all)]));
report(micros);

async function microsPerCall({ in: inside, calls, isRefused }: Case): Promise<number> {
  const sent = calls();
  const before = process.cpuUsage();
  for (const call of sent) await knock(inside, call, isRefused === true);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / sent.length;
}

async function knock(inside: House, { authorization, proof }: Call, isRefused: boolean): Promise<void> {
  const entry = new Entry(inside, { method: 'GET', route: '/v1/models', sourceIp: '127.0.0.1' });
  const credentials = { authorization, apiKey: undefined, proof };
  const door = { credentials, address: '127.0.0.1', method: 'GET', path: '/v1/models' };
  const known = await goodCredential(inside, entry, door).catch(() => undefined);
  if ((known === undefined) !== isRefused) throw new Error('a call that counts was answered otherwise');
}

async function pinProvider(client: string): Promise<void> {
  const known = await house.directory.findClient(
    client as NonNullable<typeof world.demo.tenants.mayo>['clientId'],
  );
  if (known === undefined) throw new Error('the client is not known');
  await world.gateway.database.transaction((tx) =>
    createDesk(tx).insertIssuer({
      id: newId('issuer', house.ids),
      tenantId: known.tenant.id,
      issuer: ISSUER,
      jwksUri: `${ISSUER}/keys`,
      audience: AUDIENCE,
      algs: makers.map(({ alg }) => alg),
      kind: 'generic',
      status: 'active',
      clients: new Map([['bench', known.client.id]]),
    }),
  );
}

/** The first rounds are slower; the median does not see them. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function report(micros: Readonly<Record<string, number>>): void {
  const base = micros.apiKey ?? Number.NaN;
  for (const [name, value] of Object.entries(micros))
    process.stdout.write(
      `${name.padEnd(18)}${value.toFixed(0).padStart(6)} µs   ${(value / base).toFixed(1)} × the API key\n`,
    );
  process.stdout.write(`${fetches} question(s) to the provider for ${ROUNDS * CALLS} unknown keys\n`);
  const figures = { bench: 'identity', node: process.version, storage: 'pglite', microsCpu: micros, fetches };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
