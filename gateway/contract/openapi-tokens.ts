import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import {
  authorizationServer,
  oauthError,
  protectedResource,
  publicKeySet,
  smartConfiguration,
  tokenAnswer,
  tokenRequest,
} from './oauth.ts';
import { plainHeaders } from './openapi-answers.ts';

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
const tags = ['Tokens'];

const refusal = (description: string) => ({
  description,
  content: json(oauthError),
  headers: plainHeaders.extend({
    'x-should-retry': z.literal('false').optional(),
    'retry-after': z.string().regex(/^\d+$/).optional(),
    'retry-after-ms': z.string().regex(/^\d+$/).optional(),
  }),
});

const askToken: ZodOpenApiOperationObject = {
  tags,
  summary: 'Get an access token with the client’s own key',
  description:
    'SMART Backend Services: `client_credentials` with `private_key_jwt`. With a `DPoP` header the token is bound to its key (RFC 9449). Tokens live for 300 seconds and are not refreshed.',
  security: [],
  requestParams: {
    header: z.object({
      dpop: z.string().max(8_192).optional().describe('A proof of possession, made for this request.'),
    }),
  },
  requestBody: {
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: tokenRequest } },
  },
  responses: {
    200: { description: 'The token.', content: json(tokenAnswer), headers: plainHeaders },
    400: refusal('The form, the scope, the resource or the proof is not accepted.'),
    401: refusal('`invalid_client`: the client could not be authenticated.'),
    408: refusal('The request took too long to arrive.'),
    413: refusal('The form is larger than 32 KiB.'),
    415: refusal('It is no form.'),
    429: refusal('Too many requests of this client, or wrong ones from this address.'),
    431: refusal('The headers are larger than the limit.'),
    500: refusal('Something failed here.'),
    503: refusal('A part that this request needs is unavailable.'),
    default: refusal('Any other refusal.'),
  },
};

/** Where tokens are had, and the documents by which clients find that out. */
export function tokenPaths(): ZodOpenApiPathsObject {
  const keys = document('The public keys that verify access tokens', publicKeySet);
  return {
    '/oauth2/token': { post: askToken },
    '/oauth2/jwks': keys,
    '/.well-known/jwks.json': keys,
    '/.well-known/oauth-authorization-server': document('RFC 8414', authorizationServer),
    '/.well-known/smart-configuration': document('SMART App Launch, backend services', smartConfiguration),
    '/.well-known/oauth-protected-resource': document('RFC 9728', protectedResource),
  };
}

function document(summary: string, schema: z.ZodType) {
  const responses = { 200: { description: 'The document.', content: json(schema) } };
  return { get: { tags, summary, security: [], responses } };
}
