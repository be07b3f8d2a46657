import { createPublicKey, type JsonWebKey } from 'node:crypto';

const BITS_MIN = 2_048;
/** Longer ones only make every check slower. */
const BITS_MAX = 4_096;

/** Whether these numbers are a public key at all: a point on its curve, or a modulus of a size that is safe and bearable. */
export function isSoundKey(jwk: JsonWebKey): boolean {
  try {
    const { asymmetricKeyDetails: about } = createPublicKey({ key: jwk, format: 'jwk' });
    const bits = about?.modulusLength;
    return bits === undefined || (bits >= BITS_MIN && bits <= BITS_MAX && isOdd(jwk.n ?? ''));
  } catch {
    return false;
  }
}

/** A modulus of two odd primes is odd. */
function isOdd(n: string): boolean {
  return ((Buffer.from(n, 'base64url').at(-1) ?? 0) & 1) === 1;
}
