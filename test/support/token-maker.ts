import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';

type Fields = Readonly<Record<string, unknown>>;
export type MakerAlg = 'ES256' | 'ES384' | 'RS256' | 'PS256' | 'EdDSA';

/** Whoever signs tokens or proofs, with no scruples about what it signs. */
export interface TokenMaker {
  readonly alg: MakerAlg;
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** RFC 7517, with `kid` and `alg`. */
  readonly jwk: Fields;
  /** RFC 7638. */
  readonly jkt: string;
  /** Signs any header and payload; texts stand as they are. */
  sign(header: Fields | string, claims: Fields | string): string;
}

let made = 0;

export function tokenMaker(alg: MakerAlg = 'ES256', rsaBits = 2_048): TokenMaker {
  made += 1;
  const kid = `key-${made}`;
  const { publicKey, privateKey } = keyPair(alg, rsaBits);
  const jwk = publicKey.export({ format: 'jwk' }) as Fields;
  return {
    alg,
    kid,
    publicKey,
    privateKey,
    jwk: { ...jwk, kid, alg },
    jkt: thumbprint(jwk),
    sign: (header, claims) => {
      const text = `${segment(header)}.${segment(claims)}`;
      return `${text}.${signature(alg, text, privateKey).toString('base64url')}`;
    },
  };
}

export const segment = (part: Fields | string) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

function keyPair(alg: MakerAlg, modulusLength: number) {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (alg === 'ES384') return generateKeyPairSync('ec', { namedCurve: 'P-384' });
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength });
}

function signature(alg: MakerAlg, text: string, key: KeyObject): Buffer {
  const bytes = Buffer.from(text);
  if (alg === 'EdDSA') return sign(null, bytes, key);
  if (alg === 'RS256') return sign('sha256', bytes, key);
  if (alg === 'PS256') return sign('sha256', bytes, { key, padding: 6, saltLength: 32 });
  return sign(alg === 'ES256' ? 'sha256' : 'sha384', bytes, { key, dsaEncoding: 'ieee-p1363' });
}

function thumbprint({ kty, crv, x, y, n, e }: Fields): string {
  const members = kty === 'RSA' ? { e, kty, n } : kty === 'OKP' ? { crv, kty, x } : { crv, kty, x, y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

export interface ProofAbout {
  readonly url: string;
  readonly method?: string;
  readonly token: string;
  readonly nowS: number;
}

/** A DPoP proof (RFC 9449 section 4.2) for one request, or one that differs from it. */
export function proofFor(
  maker: TokenMaker,
  { url, method = 'GET', token, nowS }: ProofAbout,
  { header = {}, claims = {} }: { readonly header?: Fields; readonly claims?: Fields } = {},
): string {
  const { kid: _, alg: __, ...jwk } = maker.jwk;
  const ath = createHash('sha256').update(token).digest('base64url');
  return maker.sign(
    { typ: 'dpop+jwt', alg: maker.alg, jwk, ...header },
    { htm: method, htu: url, iat: nowS, jti: randomUUID(), ath, ...claims },
  );
}
