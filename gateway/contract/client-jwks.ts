import { z } from 'zod';
import { clientView, namedClient } from './admin.ts';

const base64url = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax)
    .regex(/^[A-Za-z0-9_-]+$/);

/** What every key says. Other members are refused, so a private one (RFC 7518, section 6) can never be stored. */
const about = {
  kid: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.literal('verify')).max(1).optional(),
  ext: z.boolean().optional(),
};

const elliptic = <Alg extends string, Curve extends string>(
  alg: Alg,
  crv: Curve,
  coordinateLength: number,
) => {
  const coordinate = base64url(coordinateLength).length(coordinateLength);
  const named = { kty: z.literal('EC'), alg: z.literal(alg), crv: z.literal(crv) };
  return z.strictObject({ ...named, ...about, x: coordinate, y: coordinate });
};

const rsa = <Alg extends string>(alg: Alg) =>
  z.strictObject({
    kty: z.literal('RSA'),
    alg: z.literal(alg),
    ...about,
    n: base64url(683),
    e: z.literal('AQAB'),
  });

const publicJwk = z.discriminatedUnion('alg', [
  elliptic('ES384', 'P-384', 64),
  elliptic('ES256', 'P-256', 43),
  rsa('PS256'),
  rsa('RS384'),
]);

export const clientKeys = z
  .array(publicJwk)
  .max(10)
  .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length);

export const putClientJwks = namedClient
  .extend({
    keys: clientKeys,
  })
  .meta({ id: 'PutClientJwks', description: 'A set of public keys (RFC 7517), each with its own kid.' });

export const clientCard = clientView
  .extend({
    suspended_by: z.enum(['owner', 'tenant']).nullable(),
    jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).nullable(),
  })
  .meta({ id: 'ClientCard' });
