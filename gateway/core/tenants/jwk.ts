import { Buffer } from 'node:buffer';
import { Problem } from '../../domain/problem.ts';
import type { TokenAlg } from '../../domain/vocabulary.ts';
import type { KeyName } from './token-header.ts';

/** A JSON Web Key as it was read (RFC 7517): what it has of these, and whatever else. */
export interface Jwk {
  readonly kty?: unknown;
  readonly crv?: unknown;
  readonly n?: unknown;
  readonly kid?: unknown;
  readonly alg?: unknown;
  readonly use?: unknown;
  readonly key_ops?: unknown;
}

/** The gateway's own keys for access tokens. */
export interface SigningKeys {
  /** Public keys only: the one in use, and those whose tokens may still be about. */
  publicJwks(): { readonly keys: readonly Jwk[] };
}

/** The keys that identity providers publish. */
export interface KeySets {
  /**
   * The provider's keys, in which there is one of that name. Throws `unknown_kid` when there is none and the provider was
   * asked just now, `idp_unavailable` when nothing recent enough can be read from it.
   */
  keysWith(jwksUri: string, kid: string): Promise<readonly Jwk[]>;
}

/** The arithmetic of signatures. */
export interface Signatures {
  /** Whether this key made the signature of the whole text; false too for a key that cannot be used. */
  isBy(text: string, alg: TokenAlg, key: Jwk): Promise<boolean>;
  /** RFC 7638, SHA-256; undefined for what is no key. */
  thumbprint(key: Jwk): Promise<string | undefined>;
}

/** The one key of that name that may make such signatures. Throws `unknown_kid`, or `invalid_token` when none fits or two do. */
export function fittingKey(keys: readonly Jwk[], { alg, kid }: KeyName): Jwk {
  const named = keys.filter((key) => key.kid === kid);
  if (named.length === 0) throw new Problem('unknown_kid');
  const [key, ...more] = named.filter((one) => isFitFor(one, alg));
  if (key === undefined || more.length > 0) throw new Problem('invalid_token');
  return key;
}

/** A public key of the algorithm's kind and of decent size, whose owner does not want it used otherwise. */
export function isFitFor(key: Jwk, alg: TokenAlg): boolean {
  const { use = 'sig', key_ops: ops = ['verify'], alg: own = alg } = key;
  if (PRIVATE.some((name) => Object.hasOwn(key, name)) || !isOfKind(key, alg)) return false;
  return use === 'sig' && own === alg && Array.isArray(ops) && ops.includes('verify');
}

/** A set that publishes these has been broken; of a proof, somebody gives their key away. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;
const RSA_OCTETS_MIN = 256;
const RSA_OCTETS_MAX = 1_024;

function isOfKind({ kty, crv, n }: Jwk, alg: TokenAlg): boolean {
  if (alg === 'ES256') return kty === 'EC' && crv === 'P-256';
  if (alg === 'ES384') return kty === 'EC' && crv === 'P-384';
  if (alg === 'EdDSA') return kty === 'OKP' && crv === 'Ed25519';
  const octets = typeof n === 'string' ? Buffer.from(n, 'base64url').length : 0;
  return kty === 'RSA' && octets >= RSA_OCTETS_MIN && octets <= RSA_OCTETS_MAX;
}
