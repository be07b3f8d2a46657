import { Problem } from '../../domain/problem.ts';
import { isOneOf, type TokenAlg } from '../../domain/vocabulary.ts';
import { type JsonObject, textIn } from './signed-text.ts';
import type { Trust } from './trust.ts';

/** What says which key made a signature. */
export interface KeyName {
  readonly alg: TokenAlg;
  readonly kid: string;
}

/** What a token may not say of itself: keys and places of keys of its own, and what would change its meaning. */
const FORBIDDEN = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'zip', 'enc', 'cty'] as const;

/** The key that the header names, under an algorithm that this issuer may use. Throws `invalid_token`. */
export function keyNamed(header: JsonObject, trust: Trust): KeyName {
  if (FORBIDDEN.some((name) => Object.hasOwn(header, name))) throw new Problem('invalid_token');
  const { alg } = header;
  const kid = textIn(header.kid, 256);
  if (typeof alg !== 'string' || !isOneOf(trust.algs, alg) || kid === undefined)
    throw new Problem('invalid_token');
  return { alg, kid };
}

/** Access tokens say that they are (RFC 9068 section 4), so that an ID token is none; Entra's say no more than `JWT`. */
export function isAccessTokenType({ typ }: JsonObject, { kind }: Trust): boolean {
  if (typeof typ !== 'string') return false;
  const type = typ.toLowerCase().replace(/^application\//, '');
  return kind === 'entra' ? type === 'jwt' || type === 'at+jwt' : type === 'at+jwt';
}
