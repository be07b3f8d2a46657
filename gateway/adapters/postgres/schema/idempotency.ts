import { sql } from 'drizzle-orm';
import { bytea, check, index, primaryKey, snakeCase, text } from 'drizzle-orm/pg-core';
import { idColumn, instantColumn, isWord } from './columns.ts';

const STATES = ['running', 'finished'] as const;

/** Requests that may come again, by keyed hashes; rows are short-lived and may be deleted at any time. */
export const idempotency = snakeCase.table(
  'idempotency',
  {
    tenantId: idColumn('tenant').notNull(),
    clientId: idColumn('client').notNull(),
    keyHmac: bytea().notNull(),
    bodyHmac: bytea().notNull(),
    requestId: idColumn('request').notNull(),
    state: text({ enum: STATES }).notNull(),
    /** The end of the lease while it runs, of the retention once it is finished. */
    heldUntil: instantColumn().notNull(),
    /** Sealed under the tenant's key. */
    answer: bytea(),
  },
  (row) => [
    primaryKey({ columns: [row.tenantId, row.clientId, row.keyHmac] }),
    check('idempotency_key_hmac_length', sql`octet_length(${row.keyHmac}) = 32`),
    check('idempotency_body_hmac_length', sql`octet_length(${row.bodyHmac}) = 32`),
    isWord('idempotency_state_word', row.state, STATES),
    check('idempotency_answer_size', sql`octet_length(${row.answer}) <= 1114112`),
    check('idempotency_answer_of_finished', sql`${row.answer} IS NULL OR ${row.state} = 'finished'`),
    index('idempotency_held_until').on(row.heldUntil),
  ],
);
