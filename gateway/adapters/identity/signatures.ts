import { type CryptoKey, calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import type { Jwk, Signatures } from '../../core/tenants/jwk.ts';
import type { TokenAlg } from '../../domain/vocabulary.ts';

type Key = CryptoKey | Uint8Array;

/** Keys of issuers come again with each token; those of proofs are as many as there are clients. */
const KEYS_MAX = 1_000;

/** Signatures by jose. It throws plain errors too, as for an RSA key of 1,024 bits: whatever it throws is a no. */
export function createSignatures(): Signatures {
  const keys = new Map<string, Promise<Key>>();

  function keyOf(jwk: Jwk, alg: TokenAlg): Promise<Key> {
    const name = `${alg} ${JSON.stringify(jwk)}`;
    const known = keys.get(name);
    if (known !== undefined) return known;
    const made = importJWK(jwk as JWK, alg);
    keys.set(name, made);
    const [oldest] = keys.size > KEYS_MAX ? keys.keys() : [];
    if (oldest !== undefined) keys.delete(oldest);
    return made;
  }

  return {
    async isBy(text, alg, jwk) {
      try {
        await compactVerify(text, await keyOf(jwk, alg), { algorithms: [alg] });
        return true;
      } catch {
        return false;
      }
    },
    async thumbprint(jwk) {
      try {
        return await calculateJwkThumbprint(jwk as JWK, 'sha256');
      } catch {
        return undefined;
      }
    },
  };
}
