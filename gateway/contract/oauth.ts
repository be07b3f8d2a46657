import { z } from 'zod';
import { hl7B2b } from './hl7-b2b.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const TOKEN_SCOPE = 'model:invoke';

/** The form of `POST /oauth2/token` (RFC 6749 section 4.4 with RFC 7523); fields it does not name are ignored. */
export const tokenRequest = z
  .object({
    grant_type: z.literal('client_credentials'),
    client_assertion_type: z.literal(ASSERTION_TYPE),
    client_assertion: z.string().max(8_192).describe('A JWT that the client signed, good for one request.'),
    client_id: z.string().max(64).optional().describe('When sent, the same as in the assertion.'),
    scope: z
      .string()
      .max(256)
      .optional()
      .describe('`model:invoke`, which is also what is given when absent.'),
    resource: z.string().max(512).optional().describe('When sent, the gateway’s own origin (RFC 8707).'),
  })
  .meta({ id: 'TokenRequest' });

/** The header of a client assertion: nothing in it may say where a key is to be found. */
export const assertionHeader = z.strictObject({
  alg: z.string().max(16),
  kid: z.string().min(1).max(256),
  typ: z.string().max(64).optional(),
  x5t: z.string().max(64).optional(),
  'x5t#S256': z.string().max(64).optional(),
});

const seconds = z.int().min(0);

export const assertionClaims = z.object({
  iss: z.string().max(64),
  sub: z.string().max(64),
  aud: z.string().max(512),
  jti: z.string().min(1).max(256),
  exp: seconds,
  iat: seconds.optional(),
  nbf: seconds.optional(),
  extensions: z.unknown().optional(),
});

export const assertionExtensions = z.object({ 'hl7-b2b': hl7B2b.optional() });

/** The claims of a DPoP proof (RFC 9449 section 4.2) that are judged by the clock and by who used them before. */
export const proofClaims = z.object({ jti: z.string().min(1).max(256), iat: seconds });

/** RFC 6749 section 5.1. */
export const tokenAnswer = z
  .object({
    access_token: z.string(),
    token_type: z.enum(['Bearer', 'DPoP']),
    expires_in: z.int(),
    scope: z.string(),
  })
  .meta({ id: 'TokenAnswer' });

/** RFC 6749 section 5.2. */
export const oauthError = z
  .object({ error: z.string(), error_description: z.string(), request_id: z.string() })
  .meta({ id: 'OAuthError' });

export const publicKeySet = z
  .object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })
  .meta({ id: 'PublicKeySet' });

const url = z.url();
const words = z.array(z.string());

/** RFC 8414. */
export const authorizationServer = z
  .object({
    issuer: url,
    token_endpoint: url,
    jwks_uri: url,
    scopes_supported: words,
    response_types_supported: words,
    grant_types_supported: words,
    token_endpoint_auth_methods_supported: words,
    token_endpoint_auth_signing_alg_values_supported: words,
    dpop_signing_alg_values_supported: words,
    service_documentation: url,
  })
  .meta({ id: 'AuthorizationServer' });

/** SMART App Launch 2, for backend services. */
export const smartConfiguration = z
  .object({
    issuer: url,
    token_endpoint: url,
    jwks_uri: url,
    scopes_supported: words,
    grant_types_supported: words,
    token_endpoint_auth_methods_supported: words,
    token_endpoint_auth_signing_alg_values_supported: words,
    capabilities: words,
  })
  .meta({ id: 'SmartConfiguration' });

/** RFC 9728. */
export const protectedResource = z
  .object({
    resource: url,
    authorization_servers: z.array(url),
    jwks_uri: url,
    scopes_supported: words,
    bearer_methods_supported: words,
    dpop_signing_alg_values_supported: words,
    resource_name: z.string(),
    resource_documentation: url,
  })
  .meta({ id: 'ProtectedResource' });
