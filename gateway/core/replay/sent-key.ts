import { Problem } from '../../domain/problem.ts';

/** The headers by which a caller may name a request, as sent. */
export interface SentKeys {
  readonly idempotencyKey: string | undefined;
  readonly clientRequestId: string | undefined;
}

/** What names a request that may come again; the value is the caller's own and is kept nowhere. */
export interface SentKey {
  readonly header: 'idempotency-key' | 'x-ms-client-request-id';
  readonly value: string;
}

/**
 * The name that counts. Azure's clients send theirs with every call and keep it through their retries; one that is no
 * UUID was made by hand, perhaps for all calls alike, and names nothing.
 * Throws `invalid_parameter` for an `Idempotency-Key` that is not 1 to 255 visible ASCII characters.
 */
export function readSentKey({ idempotencyKey, clientRequestId }: SentKeys): SentKey | undefined {
  if (idempotencyKey !== undefined) {
    if (!VISIBLE.test(idempotencyKey)) throw new Problem('invalid_parameter', { param: 'idempotency-key' });
    return { header: 'idempotency-key', value: idempotencyKey };
  }
  if (clientRequestId === undefined || !UUID.test(clientRequestId)) return undefined;
  return { header: 'x-ms-client-request-id', value: clientRequestId.toLowerCase() };
}

const VISIBLE = /^[\x21-\x7e]{1,255}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
