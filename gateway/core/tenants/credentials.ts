import { Problem } from '../../domain/problem.ts';

export interface SentCredentials {
  /** The `Authorization` header as sent. */
  readonly authorization: string | undefined;
  /** The `api-key` header as sent. */
  readonly apiKey: string | undefined;
}

/**
 * The one credential of a request. Both headers may carry the same value, as Azure's own SDK sends it.
 * Throws `missing_credentials`, `multiple_credentials`, or `invalid_api_key` for another scheme than Bearer (RFC 6750 section 2.1).
 */
export function theCredential(sent: SentCredentials): string {
  const bearer = sent.authorization === undefined ? undefined : bearerToken(sent.authorization);
  const key = sent.apiKey;
  if (bearer !== undefined && key !== undefined && bearer !== key) throw new Problem('multiple_credentials');
  const credential = bearer ?? key;
  if (credential === undefined || credential === '') throw new Problem('missing_credentials');
  return credential;
}

function bearerToken(authorization: string): string {
  const scheme = authorization.slice(0, 7);
  if (scheme.toLowerCase() !== 'bearer ') throw new Problem('invalid_api_key');
  return authorization.slice(7);
}
