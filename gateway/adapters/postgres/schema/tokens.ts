import { sql } from 'drizzle-orm';
import { bigint, bytea, check, index, jsonb, snakeCase, text } from 'drizzle-orm/pg-core';
import type { PublicJwk } from '../../../core/tokens/signing-key.ts';
import { hasOctets, instantColumn, isShort } from './columns.ts';

/** A key with which access tokens are signed; its private half is encrypted under the master key. */
export const signingKey = snakeCase.table(
  'signing_key',
  {
    kid: text().primaryKey(),
    publicJwk: jsonb().$type<PublicJwk>().notNull(),
    sealedKey: bytea().notNull(),
    signsFrom: instantColumn().notNull(),
    createdAt: instantColumn().notNull().default(sql`clock_timestamp()`),
    /** As in the tables of the directory: a trigger moves its epoch, so that replicas read a new key at once. */
    changedEpoch: bigint({ mode: 'number' }).notNull().default(0),
  },
  (row) => [
    isShort('signing_key_kid_short', row.kid, 64),
    hasOctets('signing_key_sealed_size', row.sealedKey, [29, 4_096]),
    check('signing_key_public_short', sql`pg_column_size(${row.publicJwk}) <= 2048`),
  ],
);

/** Names that were used and may not be used again before their time; rows are short-lived. */
export const spentName = snakeCase.table(
  'spent_name',
  {
    nameHash: bytea().primaryKey(),
    spentUntil: instantColumn().notNull(),
  },
  (row) => [
    check('spent_name_hash_length', sql`octet_length(${row.nameHash}) = 32`),
    index('spent_name_until').on(row.spentUntil),
  ],
);
