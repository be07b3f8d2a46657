import type { z } from 'zod';
import {
  type authorizationServer,
  type protectedResource,
  type smartConfiguration,
  TOKEN_SCOPE,
} from './oauth.ts';

/** What the documents about tokens are made from. */
export interface TokenService {
  readonly origin: string;
  readonly tokenUrl: string;
  readonly keysUrl: string;
  readonly assertionAlgorithms: readonly string[];
  readonly proofAlgorithms: readonly string[];
}

/** RFC 8414. */
export function describeAuthorizationServer(service: TokenService): z.output<typeof authorizationServer> {
  return {
    ...common(service),
    response_types_supported: [],
    dpop_signing_alg_values_supported: [...service.proofAlgorithms],
    service_documentation: `${service.origin}/docs`,
  };
}

/** SMART App Launch 2.2, backend services with asymmetric client authentication. */
export function describeSmart(service: TokenService): z.output<typeof smartConfiguration> {
  return { ...common(service), capabilities: ['client-confidential-asymmetric'] };
}

/** RFC 9728. */
export function describeResource(service: TokenService): z.output<typeof protectedResource> {
  return {
    resource: service.origin,
    authorization_servers: [service.origin],
    jwks_uri: service.keysUrl,
    scopes_supported: [TOKEN_SCOPE],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: [...service.proofAlgorithms],
    resource_name: 'Stewardgate',
    resource_documentation: `${service.origin}/docs`,
  };
}

function common({ origin, tokenUrl, keysUrl, assertionAlgorithms }: TokenService) {
  return {
    issuer: origin,
    token_endpoint: tokenUrl,
    jwks_uri: keysUrl,
    scopes_supported: [TOKEN_SCOPE],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: [...assertionAlgorithms],
  };
}
