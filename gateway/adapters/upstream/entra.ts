import { Problem } from '../../domain/problem.ts';
import { orAborted } from './or-aborted.ts';

/** The part of an Azure credential that is used here. */
export interface TokenSource {
  getToken(
    scope: string,
    options: { readonly abortSignal: AbortSignal },
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

export interface EntraOptions {
  readonly scope: string;
  /** Where tokens come from; by default the environment, a workload or managed identity, or a developer's sign-in. */
  readonly openSource?: () => Promise<TokenSource>;
  readonly now?: () => number;
}

/** The scope Azure AI Foundry documents today; older resources want `https://cognitiveservices.azure.com/.default`. */
export const DEFAULT_SCOPE = 'https://ai.azure.com/.default';

/**
 * Gives the bearer header of an Entra token, fetched once and kept until five minutes before it expires; callers who
 * come while it is fetched share one fetch. Throws `upstream_auth_error` when no token comes within ten seconds.
 */
export function createEntraAuthorizer(options: EntraOptions): () => Promise<Header> {
  const { scope, openSource = openDefaultCredential, now = Date.now } = options;
  let source: TokenSource | undefined;
  let fetching: Promise<Header> | undefined;
  let freshUntilMs = 0;

  const fetchHeader = async (): Promise<Header> => {
    const abortSignal = AbortSignal.timeout(FETCH_MS);
    source ??= await openSource();
    const token = await orAborted(source.getToken(scope, { abortSignal }), abortSignal);
    if (!token) throw new Error('no token');
    freshUntilMs = token.expiresOnTimestamp - EARLY_MS;
    return { name: 'authorization', value: `Bearer ${token.token}` };
  };

  return () => {
    if (!fetching || (freshUntilMs > 0 && now() >= freshUntilMs)) {
      freshUntilMs = 0;
      fetching = fetchHeader().catch((error: unknown) => {
        fetching = undefined;
        throw new Problem('upstream_auth_error', { cause: error });
      });
    }
    return fetching;
  };
}

interface Header {
  readonly name: string;
  readonly value: string;
}

const FETCH_MS = 10_000;
const EARLY_MS = 300_000;

/** Imported only when used: it takes 0.3 s and 40 MB. */
async function openDefaultCredential(): Promise<TokenSource> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
}
