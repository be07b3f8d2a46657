import type { AssertionAlgorithm } from './client-assertion.ts';

/** A public key that a client registered (RFC 7517); only what is needed to verify with it. */
export interface RegisteredKey {
  readonly kty: string;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly use?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
}

/** The one key of that name which can have made such a signature; undefined when there is none, or more than one. */
export function theKey(
  keys: readonly RegisteredKey[],
  { kid, alg }: { readonly kid: string; readonly alg: AssertionAlgorithm },
): RegisteredKey | undefined {
  const fitting = keys.filter((key) => key.kid === kid && FITS[alg](key) && maySign(key, alg));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function maySign({ alg: only = '', use = 'sig', key_ops: uses = ['verify'] }: RegisteredKey, alg: string) {
  return (only === '' || only === alg) && use === 'sig' && uses.includes('verify');
}

const isCurve = (crv: string) => (key: RegisteredKey) => key.kty === 'EC' && key.crv === crv;

const FITS: Readonly<Record<AssertionAlgorithm, (key: RegisteredKey) => boolean>> = {
  ES384: isCurve('P-384'),
  ES256: isCurve('P-256'),
  PS256: isLongRsa,
  RS384: isLongRsa,
  RS256: isLongRsa,
};

/** FAPI 2.0: 2048 bits or more. */
function isLongRsa({ kty, n = '' }: RegisteredKey): boolean {
  if (kty !== 'RSA') return false;
  const octets = Buffer.from(n, 'base64url');
  const bits = octets.toString('hex').replace(/^0+/, '').length * 4;
  return bits >= 2_048 && octets.length <= RSA_OCTETS_MAX;
}

/** A longer key would only make each verification slow. */
const RSA_OCTETS_MAX = 1_024;
