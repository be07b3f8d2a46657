import { TOKEN_SCOPE } from '../contract/oauth.ts';
import type { LimitRequest } from '../core/limits/limiter.ts';
import { LimitRefusal } from '../core/limits/refusal.ts';
import { theKey } from '../core/tokens/registered-key.ts';
import { at } from '../domain/clock.ts';
import { readId } from '../domain/ids.ts';
import { Problem } from '../domain/problem.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import type { IssuedToken, IssuingDesk, TokenClient, TokenWish } from './issuing-desk.ts';
import { type Plea, readPlea, type TokenAsk } from './read-plea.ts';

export type TokenHouse = Pick<House, 'clock' | 'ledger' | 'limiter' | 'refusals'>;

interface Parts {
  readonly house: TokenHouse;
  readonly desk: IssuingDesk;
  readonly entry: Entry;
}

/**
 * An access token for a client that signs in with its own key (SMART Backend Services). Its record is durable before
 * it is given. Throws `invalid_client`, which says why only where that tells nothing of who is registered,
 * `invalid_parameter`, `multiple_credentials`, `context_invalid`, the limits' problems and `service_unavailable`.
 */
export async function issueToken(parts: Parts, ask: TokenAsk): Promise<IssuedToken> {
  const { house, entry } = parts;
  entry.note({ eventType: 'oauth.token' });
  try {
    return await issueOnRecord(parts, ask);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    noteWhy(entry, thrown);
    throw thrown.code === 'invalid_client' ? slowed(house, ask, thrown) : thrown;
  }
}

/** What the caller is told of a request that was wrong in itself, the ledger keeps as well. */
function noteWhy(entry: Entry, { status, reasons: [reasonCode] }: Problem): void {
  if (reasonCode !== undefined && status <= 401) entry.note({ reasonCode });
}

async function issueOnRecord(parts: Parts, ask: TokenAsk): Promise<IssuedToken> {
  const { house, desk, entry } = parts;
  const plea = await readPlea(ask, {
    algorithms: desk.algorithms,
    origin: desk.origin(),
    now: house.clock.now(),
  });
  const { known, wish } = await recognise(parts, plea);
  const issued = await desk.issuer.issue(wish).catch((thrown: unknown) => {
    throw isInvalidClient(thrown) ? unknownTo(entry, 'signature_invalid') : thrown;
  });
  admitClient(entry, known);
  await makeRoom(house, entry, known);
  await spend(parts, plea, known);
  entry.note({ tokenId: issued.id });
  await entry.release(0);
  await house.ledger.append(entry.close({ outcome: 'success', httpStatus: 200 }));
  return issued;
}

/** Whose assertion it says to be, with the one key that can prove it. Every other answer is the same to the caller. */
async function recognise(
  { desk, entry }: Parts,
  { assertion, text, proof, extension }: Plea,
): Promise<{ readonly known: TokenClient; readonly wish: TokenWish }> {
  const id = readId('client', assertion.iss);
  const known = id === undefined ? undefined : await desk.clients.findTokenClient(id);
  if (known === undefined) throw unknownTo(entry, 'client_unknown');
  const { tenant, client, keys } = known;
  entry.note({ clientId: client.id });
  if (tenant.status !== 'active') throw unknownTo(entry, 'tenant_suspended');
  if (client.status !== 'active') throw unknownTo(entry, 'client_suspended');
  const algorithm = desk.algorithms.find((one) => one === assertion.alg);
  const key = algorithm && theKey(keys, { kid: assertion.kid, alg: algorithm });
  if (key === undefined) throw unknownTo(entry, 'no_single_key');
  const wish = { client: client.id, key, assertion: text, scope: TOKEN_SCOPE, extension };
  return { known, wish: { ...wish, proof: proof?.text } };
}

/** The reason is for the ledger alone: a stranger must not learn who is registered. */
function unknownTo(entry: Entry, reasonCode: string): Problem {
  entry.note({ reasonCode });
  return new Problem('invalid_client');
}

const isInvalidClient = (thrown: unknown) => thrown instanceof Problem && thrown.code === 'invalid_client';

function admitClient(entry: Entry, { tenant, client }: TokenClient): void {
  const { id: tenantId, region } = tenant;
  entry.note({ tenantId, region, credentialId: client.id, authMethod: 'client_assertion' });
  entry.admit(client.id);
}

/** A token counts as one request of the client, and of its tenant. */
async function makeRoom({ limiter }: TokenHouse, entry: Entry, { tenant, client }: TokenClient) {
  const request: LimitRequest = {
    tenant: tenant.id,
    client: client.id,
    tenantAllowance: tenant.limits,
    clientAllowance: client.limits,
    tokens: 0,
    lease: entry.requestId,
  };
  try {
    entry.owe(await limiter.reserve(request), 0);
  } catch (thrown) {
    if (thrown instanceof LimitRefusal) entry.noteStanding(thrown.standing);
    throw thrown;
  }
}

/**
 * The assertion and the proof are spent when all else is right, in storage and in one statement each: of the same one
 * sent to two replicas at once, one gets a token.
 */
async function spend({ house, desk, entry }: Parts, { assertion, proof }: Plea, { client }: TokenClient) {
  const now = house.clock.now();
  const assertionUntil = at(assertion.exp * 1_000);
  const name = { client: client.id, jti: assertion.jti };
  if (!(await desk.spent.spend({ of: 'assertion', ...name }, { now, until: assertionUntil })))
    throw unknownTo(entry, 'assertion_replayed');
  if (proof === undefined) return;
  const proofName = { of: 'proof', client: client.id, jti: proof.jti } as const;
  if (!(await desk.spent.spend(proofName, { now, until: proof.until })))
    throw new Problem('invalid_parameter', { param: 'dpop', reasons: ['proof_replayed'] });
}

/** An address that guesses too often is told to wait, as with API keys. */
function slowed({ refusals }: TokenHouse, { address }: TokenAsk, problem: Problem): Problem {
  const waitMs = refusals.waitMs(address);
  if (waitMs === undefined) return problem;
  return new Problem('rate_limit_exceeded', { retryAfterMs: Math.min(waitMs, WAIT_MS_MAX) });
}

const WAIT_MS_MAX = 30_000;
