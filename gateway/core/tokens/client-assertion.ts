import type { Instant } from '../../domain/clock.ts';

/** The algorithms with which clients may sign (SMART client-confidential-asymmetric, FAPI 2.0); RS256 is opt-in. */
export type AssertionAlgorithm = 'ES384' | 'ES256' | 'PS256' | 'RS384' | 'RS256';

/** What a client says of itself to be given a token (RFC 7523), as it was written. */
export interface ClientAssertion {
  readonly alg: string;
  readonly kid: string;
  readonly typ?: string | undefined;
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly jti: string;
  readonly exp: number;
  readonly iat?: number | undefined;
  readonly nbf?: number | undefined;
}

export interface AssertionRules {
  readonly algorithms: readonly AssertionAlgorithm[];
  /** The issuer and the address of the token endpoint. */
  readonly audiences: readonly string[];
  readonly now: Instant;
}

/** The rules that an assertion breaks whoever wrote it; a reason that may be told. Undefined when it breaks none. */
export function objectionToAssertion(said: ClientAssertion, rules: AssertionRules): string | undefined {
  const nowS = Math.floor(rules.now / 1_000);
  const { typ = 'JWT', iat = nowS, nbf = nowS } = said;
  if (!rules.algorithms.some((algorithm) => algorithm === said.alg)) return 'alg_not_allowed';
  if (!TYPES.has(typ.toLowerCase())) return 'typ_not_allowed';
  if (said.iss !== said.sub) return 'iss_is_not_sub';
  if (!rules.audiences.includes(said.aud)) return 'aud_is_not_here';
  if (said.exp <= nowS) return 'assertion_expired';
  if (iat > nowS + SKEW_S || nbf > nowS + SKEW_S) return 'assertion_not_yet_valid';
  return said.exp - iat > LIFETIME_S_MAX ? 'lifetime_too_long' : undefined;
}

/** An absent `typ` is accepted: the common libraries send none. That of an access token or a proof is not. */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'client-authentication+jwt']);
/** FAPI 2.0 section 5.3.2.1 asks for at least 10 seconds and forbids more than 60. */
const SKEW_S = 10;
/** SMART Backend Services and UDAP: no more than five minutes. */
const LIFETIME_S_MAX = 300;
