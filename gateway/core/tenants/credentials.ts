import { Problem } from '../../domain/problem.ts';

export interface SentCredentials {
  /** The `Authorization` header as sent. */
  readonly authorization: string | undefined;
  /** The `api-key` header as sent. */
  readonly apiKey: string | undefined;
  /** The `DPoP` header as sent (RFC 9449). */
  readonly proof: string | undefined;
}

/** How an access token was sent: as its bearer's (RFC 6750), or with a proof that its key is held (RFC 9449). */
export type SentToken =
  | { readonly kind: 'token'; readonly method: 'access_token'; readonly text: string }
  | {
      readonly kind: 'token';
      readonly method: 'dpop_token';
      readonly text: string;
      readonly proof: string | undefined;
    };

export type SentCredential = { readonly kind: 'key'; readonly text: string } | SentToken;

/**
 * The one credential of a request. Both headers may carry the same value, as Azure's own SDK sends it.
 * Throws `missing_credentials`, `multiple_credentials`, or `invalid_api_key` for a scheme that is not known or carries no token.
 */
export function theCredential(sent: SentCredentials): SentCredential {
  const { authorization, apiKey } = sent;
  if (authorization === undefined) return keyIn(apiKey);
  const [, scheme = '', text = ''] = /^(bearer|dpop) (.*)$/is.exec(authorization) ?? [];
  const isProven = scheme.toLowerCase() === 'dpop';
  if (scheme === '' || (isProven && !isTokenLike(text))) throw new Problem('invalid_api_key');
  if (apiKey !== undefined && (isProven || apiKey !== text)) throw new Problem('multiple_credentials');
  if (!isTokenLike(text)) return keyIn(text);
  if (isProven) return { kind: 'token', method: 'dpop_token', text, proof: theProof(sent) };
  return { kind: 'token', method: 'access_token', text };
}

/** A header that came twice was joined by a comma, which no proof has (RFC 9449 section 4.3, check 1). */
function theProof({ proof }: SentCredentials): string | undefined {
  if (proof?.includes(',')) throw new Problem('multiple_credentials');
  return proof;
}

/** Every token has dots, no API key has one. */
const isTokenLike = (text: string) => text.includes('.');

function keyIn(text: string | undefined): SentCredential {
  if (text === undefined || text === '') throw new Problem('missing_credentials');
  return { kind: 'key', text };
}
