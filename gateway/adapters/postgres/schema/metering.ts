import { sql } from 'drizzle-orm';
import { bigint, index, integer, primaryKey, snakeCase, text } from 'drizzle-orm/pg-core';
import type { UsageLine } from '../../../core/ledger/ledger.ts';
import { DATA_CLASSES, PURPOSES } from '../../../domain/vocabulary.ts';
import { idColumn, instantColumn, isBetween, isShort, isWord } from './columns.ts';

const KINDS = ['final'] as const satisfies readonly UsageLine['kind'][];
const SOURCES = [
  'upstream',
  'drained',
  'estimated',
  'none',
] as const satisfies readonly UsageLine['source'][];
const TOKENS: readonly [number, number] = [0, 1_000_000_000_000];

const tokens = () => bigint({ mode: 'number' }).notNull();

/** What is charged for, one line a request; append-only, and only together with the record that completes it. */
export const usageRecord = snakeCase.table(
  'usage_record',
  {
    tenantId: idColumn('tenant').notNull(),
    requestId: idColumn('request').notNull(),
    kind: text({ enum: KINDS }).notNull(),
    seq: integer().notNull(),
    clientId: idColumn('client').notNull(),
    modelVersion: text().notNull(),
    deployment: text().notNull(),
    policySet: text().notNull(),
    purpose: text({ enum: PURPOSES }).notNull(),
    dataClass: text({ enum: DATA_CLASSES }).notNull(),
    outcome: text().notNull(),
    source: text({ enum: SOURCES }).notNull(),
    tokensIn: tokens(),
    tokensCachedIn: tokens(),
    tokensOut: tokens(),
    tokensReasoning: tokens(),
    occurredAt: instantColumn().notNull(),
    recordedAt: instantColumn().notNull().default(sql`clock_timestamp()`),
  },
  (row) => [
    primaryKey({ columns: [row.tenantId, row.requestId, row.kind, row.seq] }),
    isWord('usage_record_kind_word', row.kind, KINDS),
    isBetween('usage_record_seq_range', row.seq, [0, 1_000_000]),
    isShort('usage_record_model_version_short', row.modelVersion, 128),
    isShort('usage_record_deployment_short', row.deployment, 128),
    isShort('usage_record_policy_set_short', row.policySet, 64),
    isWord('usage_record_purpose_word', row.purpose, PURPOSES),
    isWord('usage_record_data_class_word', row.dataClass, DATA_CLASSES),
    isShort('usage_record_outcome_short', row.outcome, 64),
    isWord('usage_record_source_word', row.source, SOURCES),
    isBetween('usage_record_tokens_in_range', row.tokensIn, TOKENS),
    isBetween('usage_record_tokens_cached_in_range', row.tokensCachedIn, TOKENS),
    isBetween('usage_record_tokens_out_range', row.tokensOut, TOKENS),
    isBetween('usage_record_tokens_reasoning_range', row.tokensReasoning, TOKENS),
    index('usage_record_tenant_time').on(row.tenantId, row.occurredAt),
  ],
);
