import { sql } from 'drizzle-orm';
import { bigint, bytea, check, index, primaryKey, snakeCase, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { ISSUER_KINDS, TOKEN_ALGS } from '../../../domain/vocabulary.ts';
import { areWords, idColumn, instantColumn, isShort, isWord } from './columns.ts';
import { client, tenant } from './tenants.ts';

const STATUSES = ['active', 'removed'] as const;

/** An identity provider whose tokens a tenant's clients may use; never changed but to `removed`. */
export const tenantIssuer = snakeCase.table(
  'tenant_issuer',
  {
    id: idColumn('issuer').primaryKey(),
    tenantId: idColumn('tenant')
      .notNull()
      .references(() => tenant.id),
    issuer: text().notNull(),
    jwksUri: text().notNull(),
    audience: text().notNull(),
    algs: text({ enum: TOKEN_ALGS }).array().notNull(),
    kind: text({ enum: ISSUER_KINDS }).notNull(),
    status: text({ enum: STATUSES }).notNull(),
    createdAt: instantColumn().notNull().default(sql`clock_timestamp()`),
    changedEpoch: bigint({ mode: 'number' }).notNull().default(0),
  },
  (row) => [
    // One provider speaks for one tenant: what it says of a client has one meaning.
    uniqueIndex('tenant_issuer_one_active').on(row.issuer).where(sql`${row.status} = 'active'`),
    isShort('tenant_issuer_issuer_short', row.issuer, 512),
    isShort('tenant_issuer_jwks_uri_short', row.jwksUri, 1024),
    isShort('tenant_issuer_audience_short', row.audience, 512),
    areWords('tenant_issuer_algs_words', row.algs, TOKEN_ALGS),
    isWord('tenant_issuer_kind_word', row.kind, ISSUER_KINDS),
    isWord('tenant_issuer_status_word', row.status, STATUSES),
    index('tenant_issuer_tenant').on(row.tenantId),
    index('tenant_issuer_changed').on(row.changedEpoch),
  ],
);

/** Which client a provider means by a name; written with its provider, never after. */
export const issuerClient = snakeCase.table(
  'issuer_client',
  {
    issuerId: idColumn('issuer')
      .notNull()
      .references(() => tenantIssuer.id),
    subject: text().notNull(),
    clientId: idColumn('client')
      .notNull()
      .references(() => client.id),
  },
  (row) => [
    primaryKey({ columns: [row.issuerId, row.subject] }),
    isShort('issuer_client_subject_short', row.subject, 256),
  ],
);

/** Proofs of possession that were used, by their hashes; rows are short-lived and may be deleted when their time is over. */
export const usedProof = snakeCase.table(
  'used_proof',
  { nameHash: bytea().primaryKey(), heldUntil: instantColumn().notNull() },
  (row) => [
    check('used_proof_name_hash_length', sql`octet_length(${row.nameHash}) = 32`),
    index('used_proof_held_until').on(row.heldUntil),
  ],
);
