import type { UpstreamModel } from '../../core/models/upstream.ts';
import { createEntraAuthorizer, DEFAULT_SCOPE } from './entra.ts';
import { type AuthHeader, createHttpUpstream, type HttpUpstreamOptions } from './http-upstream.ts';

export interface AzureUpstreamOptions extends Pick<HttpUpstreamOptions, 'baseUrl' | 'times'> {
  /** Without a key the gateway signs in with its own Entra identity. */
  readonly apiKey?: string | undefined;
  readonly scope?: string | undefined;
}

/** A deployment in Azure AI Foundry, through its v1 API: a base URL ending in `/openai/v1`. */
export function createAzureUpstream(options: AzureUpstreamOptions): UpstreamModel & AsyncDisposable {
  const { apiKey, scope, ...rest } = options;
  return createHttpUpstream({
    ...rest,
    authorize: apiKey ? withKey(apiKey) : createEntraAuthorizer({ scope: scope ?? DEFAULT_SCOPE }),
    clientRequestIdHeader: 'x-ms-client-request-id',
  });
}

function withKey(apiKey: string): () => AuthHeader {
  const header = { name: 'api-key', value: apiKey };
  return () => header;
}
