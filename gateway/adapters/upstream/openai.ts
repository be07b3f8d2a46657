import type { UpstreamModel } from '../../core/models/upstream.ts';
import { createHttpUpstream, type HttpUpstreamOptions } from './http-upstream.ts';

export interface OpenAiUpstreamOptions extends Pick<HttpUpstreamOptions, 'baseUrl' | 'times'> {
  readonly apiKey: string;
}

/** Any host that speaks the OpenAI chat-completions API under the base URL, such as `https://example.org/v1`. */
export function createOpenAiUpstream(options: OpenAiUpstreamOptions): UpstreamModel & AsyncDisposable {
  const { apiKey, ...rest } = options;
  const header = { name: 'authorization', value: `Bearer ${apiKey}` };
  return createHttpUpstream({
    ...rest,
    authorize: () => header,
    clientRequestIdHeader: 'x-client-request-id',
  });
}
