/** Where the model is served: the only host this adapter can reach, and the paths it asks. */
export interface UpstreamUrl {
  readonly origin: string;
  readonly chatPath: string;
  readonly embeddingsPath: string;
}

/**
 * Reads a base URL such as `https://example.openai.azure.com/openai/v1`. Throws an Error, naming the fault but not the
 * URL, for anything but an http(s) URL without user, query and fragment.
 */
export function readUpstreamUrl(baseUrl: string): UpstreamUrl {
  const url = URL.parse(baseUrl);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new Error('the model URL must be an http or https URL');
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new Error('the model URL must have no user, query or fragment');
  }
  const base = url.pathname.replace(/\/+$/, '');
  return {
    origin: url.origin,
    chatPath: `${base}/chat/completions`,
    embeddingsPath: `${base}/embeddings`,
  };
}
