import { at, type Instant } from '../../domain/clock.ts';
import { Problem } from '../../domain/problem.ts';
import { digestOf, isObject, type JsonObject, textIn } from './signed-text.ts';
import type { Trust } from './trust.ts';

/** What a token says, once its signature and its claims have been found right. */
export interface TokenFacts {
  /** Names the token in records: a hash of its issuer and its own id. */
  readonly tokenId: string;
  /** The client, in its issuer's words. */
  readonly client: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Instant;
  /** The thumbprint of the key that the token is bound to (RFC 9449 section 6). */
  readonly jkt: string | null;
  /** What the token says of its tenant, which never decides who that is. */
  readonly tenant: string | null;
}

/** Throws `invalid_token`, `token_expired`, or `context_invalid` for a chain of acting clients that is too long. */
export function factsIn(claims: JsonObject, trust: Trust, now: Instant): TokenFacts {
  requireAudience(claims, trust);
  const expiresAt = requireTimes(claims, trust, now);
  const own = textIn(trust.kind === 'entra' ? (claims.uti ?? claims.jti) : claims.jti, 256);
  const client = clientIn(claims, trust);
  if (own === undefined || client === undefined || textIn(claims.sub, 256) === undefined)
    throw new Problem('invalid_token');
  if (actorsIn(claims) > ACTORS_MAX) throw new Problem('context_invalid', { param: 'act' });
  return {
    tokenId: `tok_${digestOf(`${trust.issuer}\n${own}`).slice(0, 32)}`,
    client,
    scopes: scopesIn(claims, trust),
    expiresAt,
    jkt: boundTo(claims),
    tenant: claims.tenant === undefined ? null : (textIn(claims.tenant, 256) ?? ''),
  };
}

/** For this gateway, and for nothing else besides. */
function requireAudience({ aud }: JsonObject, { audience }: Trust): void {
  const [only, ...more] = Array.isArray(aud) ? aud : [aud];
  if (only !== audience || more.length > 0) throw new Problem('invalid_token');
}

const LEAD_S = 10;
/** Entra's tokens live for 60 to 90 minutes, told from some minutes before they were issued. */
const LIFETIME_S_MAX = { own: 300, generic: 3_600, entra: 6_000 } as const;

function requireTimes({ exp, iat, nbf = iat }: JsonObject, { kind }: Trust, now: Instant): Instant {
  const nowS = now / 1_000;
  if (!isTime(exp) || !isTime(iat) || !isTime(nbf)) throw new Problem('invalid_token');
  const isTooLong = exp <= iat || exp - iat > LIFETIME_S_MAX[kind];
  if (isTooLong || iat > nowS + LEAD_S || nbf > nowS + LEAD_S) throw new Problem('invalid_token');
  if (exp <= nowS) throw new Problem('token_expired');
  return at(exp * 1_000);
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function clientIn(claims: JsonObject, { kind, issuer }: Trust): string | undefined {
  if (kind === 'entra') return isApplications(claims, issuer) ? textIn(claims.azp, 256) : undefined;
  const named = textIn(claims.client_id ?? claims.azp, 256);
  if (claims.azp !== undefined && claims.azp !== named) return undefined;
  return kind === 'own' && claims.sub !== named ? undefined : named;
}

/** Of version 2 and the pinned directory, and of an application itself: a person's token carries `scp`. */
function isApplications({ ver, tid, scp, idtyp = 'app' }: JsonObject, issuer: string): boolean {
  const isOfDirectory = typeof tid === 'string' && issuer.split('/').includes(tid);
  return ver === '2.0' && isOfDirectory && scp === undefined && idtyp === 'app';
}

/** Entra grants an application roles where others grant scopes. */
function scopesIn({ scope, roles }: JsonObject, { kind }: Trust): readonly string[] {
  const granted = kind === 'entra' ? roles : typeof scope === 'string' ? scope.split(' ') : scope;
  return Array.isArray(granted) ? granted.filter((one) => typeof one === 'string') : [];
}

/** A binding that cannot be checked here, such as to a certificate, is not a missing one. */
function boundTo({ cnf }: JsonObject): string | null {
  if (cnf === undefined) return null;
  const jkt = isObject(cnf) && Object.keys(cnf).length === 1 ? textIn(cnf.jkt, 43) : undefined;
  if (jkt === undefined) throw new Problem('invalid_token');
  return jkt;
}

const ACTORS_MAX = 3;

function actorsIn(claims: JsonObject): number {
  let depth = 0;
  for (let act = claims.act; isObject(act) && depth <= ACTORS_MAX; act = act.act) depth += 1;
  return depth;
}
