import type { Instant } from '../../domain/clock.ts';
import { Problem } from '../../domain/problem.ts';
import { isOneOf, PROOF_ALGS, type TokenAlg } from '../../domain/vocabulary.ts';
import { isFitFor, type Jwk } from './jwk.ts';
import { digestOf, isObject, readSigned, type SignedText, textIn } from './signed-text.ts';

/** A proof of the right form, whose signature is still to be checked by the key that it carries. */
export interface ReadProof extends SignedText {
  readonly alg: TokenAlg;
  readonly key: Jwk;
}

/** Throws `invalid_dpop_proof` (RFC 9449 section 4.3, checks 2 to 7). */
export function readProof(text: string | undefined): ReadProof {
  const read = text === undefined ? undefined : readSigned(text);
  if (read === undefined) throw new Problem('invalid_dpop_proof');
  const { typ, alg, jwk, crit } = read.header;
  if (typ !== 'dpop+jwt' || crit !== undefined) throw new Problem('invalid_dpop_proof');
  if (typeof alg !== 'string' || !isOneOf(PROOF_ALGS, alg)) throw new Problem('invalid_dpop_proof');
  if (!isObject(jwk) || !isFitFor(jwk, alg)) throw new Problem('invalid_dpop_proof');
  return { ...read, alg, key: jwk };
}

/** What a proof must be for. */
export interface ProofUse {
  readonly method: string;
  /** The whole URL by the configured public origin, never by what the caller calls this host. */
  readonly url: string;
  /** The access token that is sent with it. */
  readonly token: string;
  readonly now: Instant;
}

/** The proof's own id, when it is for this request (checks 8 to 12). Throws `invalid_dpop_proof`. */
export function proofIdFor({ claims }: ReadProof, use: ProofUse): string {
  const { htm, htu, iat, ath } = claims;
  const jti = textIn(claims.jti, 256);
  const isTimely = Number.isSafeInteger(iat) && Math.abs(Number(iat) - use.now / 1_000) <= AGE_S_MAX;
  const isHere = htm === use.method && placeIn(htu) !== undefined && placeIn(htu) === placeIn(use.url);
  if (!isTimely || !isHere || ath !== digestOf(use.token) || jti === undefined)
    throw new Problem('invalid_dpop_proof');
  return jti;
}

const AGE_S_MAX = 60;
/** How long a proof must be remembered: from the earliest moment at which it counts until after the latest. */
export const PROOF_MS = (2 * AGE_S_MAX + 1) * 1_000;

/** A URL without query and fragment, in the normal form of RFC 3986 section 6.2. */
function placeIn(url: unknown): string | undefined {
  const text = textIn(url, 4_096);
  const parsed = text === undefined ? null : URL.parse(text);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return undefined;
  return parsed.origin + parsed.pathname;
}
