import { isNotNull, sql } from 'drizzle-orm';
import {
  check,
  index,
  integer,
  jsonb,
  snakeCase,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { AuditBody } from '../../../core/ledger/audit-record.ts';
import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  AUDIT_PHASES,
  DATA_CLASSES,
  PURPOSES,
  VERDICTS,
} from '../../../domain/vocabulary.ts';
import { idColumn, instantColumn, isBetween, isShort, isWord } from './columns.ts';

const COUNT: readonly [number, number] = [0, 2_147_483_647];

/** The ledger: append-only, triggers refuse every other change. */
export const auditRecord = snakeCase.table(
  'audit_record',
  {
    recordId: idColumn('record').primaryKey(),
    requestId: idColumn('request').notNull(),
    phase: text({ enum: AUDIT_PHASES }).notNull(),
    eventType: text().notNull(),
    action: text({ enum: AUDIT_ACTIONS }).notNull(),
    occurredAt: instantColumn().notNull(),
    recordedAt: instantColumn().notNull().default(sql`clock_timestamp()`),
    outcome: text({ enum: AUDIT_OUTCOMES }),
    httpStatus: integer(),
    errorCode: text(),
    tenantId: idColumn('tenant'),
    clientId: idColumn('client'),
    userRef: text(),
    patientRef: text(),
    purpose: text({ enum: PURPOSES }),
    dataClass: text({ enum: DATA_CLASSES }),
    modelVersion: text(),
    decision: text({ enum: VERDICTS }),
    reasonCode: text(),
    policySet: text(),
    redactions: integer(),
    tokensIn: integer(),
    tokensOut: integer(),
    latencyMs: integer(),
    body: jsonb().$type<AuditBody>().notNull(),
  },
  (row) => [
    isWord('audit_record_phase_word', row.phase, AUDIT_PHASES),
    isShort('audit_record_event_type_short', row.eventType, 64),
    isWord('audit_record_action_word', row.action, AUDIT_ACTIONS),
    isWord('audit_record_outcome_word', row.outcome, AUDIT_OUTCOMES),
    isBetween('audit_record_http_status_range', row.httpStatus, [100, 599]),
    isShort('audit_record_error_code_short', row.errorCode, 64),
    isShort('audit_record_user_ref_short', row.userRef, 256),
    check('audit_record_patient_ref_form', sql`${row.patientRef} ~ '^[0-9a-f]{32}$'`),
    isWord('audit_record_purpose_word', row.purpose, PURPOSES),
    isWord('audit_record_data_class_word', row.dataClass, DATA_CLASSES),
    isShort('audit_record_model_version_short', row.modelVersion, 128),
    isWord('audit_record_decision_word', row.decision, VERDICTS),
    isShort('audit_record_reason_code_short', row.reasonCode, 128),
    isShort('audit_record_policy_set_short', row.policySet, 64),
    isBetween('audit_record_redactions_range', row.redactions, COUNT),
    isBetween('audit_record_tokens_in_range', row.tokensIn, COUNT),
    isBetween('audit_record_tokens_out_range', row.tokensOut, COUNT),
    isBetween('audit_record_latency_range', row.latencyMs, COUNT),
    check('audit_record_body_object', sql`jsonb_typeof(${row.body}) = 'object'`),
    index('audit_record_time').on(row.recordedAt, row.recordId),
    index('audit_record_tenant_time').on(row.tenantId, row.recordedAt, row.recordId),
    index('audit_record_request').on(row.requestId),
    uniqueIndex('audit_record_one_end')
      .on(row.requestId)
      .where(sql`${row.phase} IN ('completed', 'abandoned')`),
    index('audit_record_decided').on(row.recordedAt, row.recordId).where(sql`${row.phase} = 'decided'`),
    index('audit_record_correlation')
      .on(sql`(${row.body} ->> 'correlationId')`)
      .where(sql`(${row.body} ->> 'correlationId') IS NOT NULL`),
    index('audit_record_patient')
      .on(row.patientRef, row.recordedAt, row.recordId)
      .where(isNotNull(row.patientRef)),
    index('audit_record_user')
      .on(row.tenantId, row.userRef, row.recordedAt, row.recordId)
      .where(isNotNull(row.userRef)),
    index('audit_record_unsuccessful')
      .on(row.tenantId, row.outcome, row.recordedAt, row.recordId)
      .where(sql`${row.outcome} <> 'success'`),
    index('audit_record_denied').on(row.recordedAt, row.recordId).where(sql`${row.decision} = 'deny'`),
  ],
);

/** One row: up to where every `decided` record is known to have its end. */
export const ledgerSweep = snakeCase.table(
  'ledger_sweep',
  {
    one: integer().primaryKey(),
    sweptAt: timestamp({ withTimezone: true, mode: 'string' }).notNull(),
    sweptId: uuid().notNull(),
  },
  (row) => [check('ledger_sweep_one', sql`${row.one} = 1`)],
);
