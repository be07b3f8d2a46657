import { calculateJwkThumbprint, importJWK, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';

interface Signing {
  readonly privateJwk: JWK;
  /** A name that is used once. */
  readonly jti: string;
  readonly nowS: number;
}

/**
 * A client assertion (RFC 7523) as SMART Backend Services asks for it, good for one minute; a key without a name is named
 * by its thumbprint (RFC 7638). Throws for a key that cannot sign.
 */
export async function signAssertion(
  signing: Signing & { readonly clientId: string; readonly audience: string },
): Promise<string> {
  const { privateJwk, clientId, audience, jti, nowS } = signing;
  const header = { typ: 'JWT', kid: privateJwk.kid ?? (await calculateJwkThumbprint(privateJwk)) };
  const claims = { iss: clientId, sub: clientId, aud: audience, jti, iat: nowS, exp: nowS + 60 };
  return sign(privateJwk, header, claims);
}

/** A DPoP proof (RFC 9449) for one POST. Throws for a key that cannot sign. */
export function signProof(signing: Signing & { readonly url: string }): Promise<string> {
  const { privateJwk, url, jti, nowS } = signing;
  const { kty, crv, x, y, n, e } = privateJwk;
  const jwk = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e }));
  return sign(privateJwk, { typ: 'dpop+jwt', jwk }, { htm: 'POST', htu: url, jti, iat: nowS });
}

async function sign(
  privateJwk: JWK,
  header: Omit<JWTHeaderParameters, 'alg'>,
  claims: Record<string, unknown>,
) {
  const alg = algorithmOf(privateJwk);
  const key = await importJWK(privateJwk, alg);
  return new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(key);
}

/** What the key is for, or what its kind is good for. */
function algorithmOf({ alg, kty, crv = '' }: JWK): string {
  return alg ?? BY_CURVE[crv] ?? (kty === 'RSA' ? 'RS384' : 'none');
}

const BY_CURVE: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', Ed25519: 'EdDSA' };
