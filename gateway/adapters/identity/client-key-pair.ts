import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

export interface ClientKeyPair {
  /** RFC 7517, with `alg` ES384 and the RFC 7638 thumbprint as `kid`; for the client alone. */
  readonly privateJwk: JWK;
  /** A set of the public key, to be registered with the client. */
  readonly jwks: { readonly keys: readonly JWK[] };
}

/** A new P-384 key pair with which a client can sign (SMART Backend Services asks for ES384 or RS384). */
export async function newClientKeyPair(): Promise<ClientKeyPair> {
  const pair = await generateKeyPair('ES384', { extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const about = { kid: await calculateJwkThumbprint(publicJwk), alg: 'ES384' };
  const privateJwk = { ...(await exportJWK(pair.privateKey)), ...about };
  return { privateJwk, jwks: { keys: [{ ...publicJwk, ...about, use: 'sig' }] } };
}
