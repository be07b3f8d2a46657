import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  bytea,
  check,
  index,
  integer,
  jsonb,
  snakeCase,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { OPERATOR_ROLES, PURPOSES, REGIONS, ROLES, TIERS } from '../../../domain/vocabulary.ts';
import { idColumn, instantColumn, isBetween, isShort, isShortList, isWord } from './columns.ts';

const STATUSES = ['active', 'suspended'] as const;
const SUSPENDERS = ['owner', 'tenant'] as const;
const ENVIRONMENTS = ['live', 'test'] as const;
const SLUG = `'^[a-z][a-z0-9-]{1,38}[a-z0-9]$'`;
const KEY_ID = `'^[0-9A-Za-z]{12}$'`;

const limits = {
  requestsPerMinute: integer().notNull(),
  tokensPerMinute: integer().notNull(),
  concurrent: integer().notNull(),
};

/** Who suspended; what the owner suspended, a tenant's own people cannot resume. Without a word it was the owner. */
const suspendedBy = text({ enum: SUSPENDERS });

const createdAt = instantColumn().notNull().default(sql`clock_timestamp()`);

/** Set by a trigger to the directory's epoch of the row's last change, so that replicas read only what changed. */
const changedEpoch = bigint({ mode: 'number' }).notNull().default(0);

/** An organisation; never deleted, only suspended. */
export const tenant = snakeCase.table(
  'tenant',
  {
    id: idColumn('tenant').primaryKey(),
    slug: text().notNull(),
    name: text().notNull(),
    tier: text({ enum: TIERS }).notNull(),
    status: text({ enum: STATUSES }).notNull(),
    region: text({ enum: REGIONS }).notNull(),
    defaultPurpose: text({ enum: PURPOSES }),
    pinnedVersion: text(),
    ...limits,
    createdAt,
    changedEpoch,
  },
  (row) => [
    unique('tenant_slug_unique').on(row.slug),
    check('tenant_slug_form', sql`${row.slug} ~ ${sql.raw(SLUG)}`),
    isShort('tenant_name_short', row.name, 200),
    isShort('tenant_pinned_version_short', row.pinnedVersion, 128),
    isWord('tenant_tier_word', row.tier, TIERS),
    isWord('tenant_status_word', row.status, STATUSES),
    isWord('tenant_region_word', row.region, REGIONS),
    isWord('tenant_default_purpose_word', row.defaultPurpose, PURPOSES),
    ...areLimits('tenant', row),
    index('tenant_changed').on(row.changedEpoch),
  ],
);

/** A tenant's software. */
export const client = snakeCase.table(
  'client',
  {
    id: idColumn('client').primaryKey(),
    tenantId: idColumn('tenant')
      .notNull()
      .references(() => tenant.id),
    name: text().notNull(),
    status: text({ enum: STATUSES }).notNull(),
    ...limits,
    /** The client's public keys (RFC 7517), for token requests. */
    jwks: jsonb().$type<Readonly<Record<string, unknown>>>(),
    suspendedBy,
    createdAt,
    changedEpoch,
  },
  (row) => [
    unique('client_name_unique').on(row.tenantId, row.name),
    isShort('client_name_short', row.name, 200),
    isWord('client_status_word', row.status, STATUSES),
    isWord('client_suspended_by_word', row.suspendedBy, SUSPENDERS),
    check('client_jwks_short', sql`pg_column_size(${row.jwks}) <= 65536`),
    ...areLimits('client', row),
    index('client_changed').on(row.changedEpoch),
  ],
);

/** One of the owner's own people, or with a tenant one of that tenant's. */
export const operator = snakeCase.table(
  'operator',
  {
    id: idColumn('operator').primaryKey(),
    name: text().notNull(),
    role: text({ enum: ROLES }).notNull(),
    status: text({ enum: STATUSES }).notNull(),
    tenantId: idColumn('tenant').references(() => tenant.id),
    suspendedBy,
    createdAt,
    changedEpoch,
  },
  (row) => [
    unique('operator_name_unique').on(row.tenantId, row.name).nullsNotDistinct(),
    isShort('operator_name_short', row.name, 200),
    isWord('operator_role_word', row.role, ROLES),
    check(
      'operator_role_of_its_house',
      sql`(${row.tenantId} IS NULL) = (${row.role} IN (${sql.raw(OPERATOR_ROLES.map((role) => `'${role}'`).join(', '))}))`,
    ),
    isWord('operator_status_word', row.status, STATUSES),
    isWord('operator_suspended_by_word', row.suspendedBy, SUSPENDERS),
    index('operator_changed').on(row.changedEpoch),
  ],
);

/** A credential of exactly one client or one operator; the secret itself is never here. */
export const apiKey = snakeCase.table(
  'api_key',
  {
    id: text().primaryKey(),
    environment: text({ enum: ENVIRONMENTS }).notNull(),
    secretHmac: bytea().notNull(),
    pepperId: text().notNull().default('primary'),
    clientId: idColumn('client').references(() => client.id),
    operatorId: idColumn('operator').references(() => operator.id),
    scopes: text().array().notNull(),
    cidrs: text().array().notNull(),
    expiresAt: instantColumn().notNull(),
    revokedAt: instantColumn(),
    lastUsedAt: instantColumn(),
    lastUsedIp: text(),
    rotatedFrom: text().references((): AnyPgColumn => apiKey.id),
    createdBy: text().notNull(),
    createdAt,
    changedEpoch,
  },
  (row) => [
    check('api_key_id_form', sql`${row.id} ~ ${sql.raw(KEY_ID)}`),
    isWord('api_key_environment_word', row.environment, ENVIRONMENTS),
    check('api_key_secret_hmac_length', sql`octet_length(${row.secretHmac}) = 32`),
    isShort('api_key_pepper_id_short', row.pepperId, 64),
    check('api_key_one_holder', sql`num_nonnulls(${row.clientId}, ${row.operatorId}) = 1`),
    isShortList('api_key_scopes_short', row.scopes, 64, 128),
    isShortList('api_key_cidrs_short', row.cidrs, 64, 43),
    isShort('api_key_last_used_ip_short', row.lastUsedIp, 45),
    isShort('api_key_created_by_short', row.createdBy, 64),
    index('api_key_client').on(row.clientId),
    index('api_key_operator').on(row.operatorId),
    index('api_key_changed').on(row.changedEpoch),
  ],
);

/** One row: a number that grows with every committed change to the tables a directory answers from. */
export const directoryEpoch = snakeCase.table(
  'directory_epoch',
  { one: integer().primaryKey(), epoch: bigint({ mode: 'number' }).notNull() },
  (row) => [check('directory_epoch_one', sql`${row.one} = 1`)],
);

function areLimits(
  name: string,
  row: Readonly<Record<'requestsPerMinute' | 'tokensPerMinute' | 'concurrent', AnyPgColumn>>,
) {
  return [
    isBetween(`${name}_requests_range`, row.requestsPerMinute, [0, 1_000_000]),
    isBetween(`${name}_tokens_range`, row.tokensPerMinute, [0, 1_000_000_000]),
    isBetween(`${name}_concurrent_range`, row.concurrent, [0, 100_000]),
  ];
}
