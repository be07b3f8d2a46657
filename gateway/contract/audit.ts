import { z } from 'zod';
import { AUDIT_OUTCOMES, AUDIT_PHASES, DATA_CLASSES, PURPOSES, VERDICTS } from '../domain/vocabulary.ts';

const word = z.string().regex(/^[A-Za-z0-9._:@#/-]{1,128}$/);

/** `GET /audit/v1/records`: all filters must hold; newest first. */
export const searchRecords = z
  .strictObject({
    tenant: word.optional().describe('tenant id, `ten_…`'),
    client: word.optional().describe('client id, `cli_…`'),
    request_id: word.optional().describe('the gateway’s id or the caller’s own x-request-id'),
    phase: z.enum(AUDIT_PHASES).optional(),
    event_type: word.optional().describe('such as `model.invoke` or `policy.denied`'),
    outcome: z.enum(AUDIT_OUTCOMES).optional(),
    decision: z.enum(VERDICTS).optional(),
    reason_code: word.optional().describe('why it was decided or ended so'),
    error_code: word.optional().describe('code of the problem that was answered'),
    http_status: z.coerce.number().int().min(100).max(599).optional().describe('status that was answered'),
    purpose: z.enum(PURPOSES).optional(),
    data_class: z.enum(DATA_CLASSES).optional(),
    model_version: word.optional().describe('such as `mayo-cr-1`'),
    user_ref: word.optional().describe('the opaque reference to the human, as sent'),
    patient_ref: word
      .optional()
      .describe('the opaque reference as sent; needs tenant, under whose key it is hashed'),
    from: z.iso.datetime({ offset: true }).optional().describe('recorded at or after this ISO 8601 time'),
    to: z.iso.datetime({ offset: true }).optional().describe('recorded before this ISO 8601 time'),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z.string().max(256).optional(),
  })
  .meta({ id: 'SearchRecords' });

export const namedRecord = z.strictObject({ record: z.string().regex(/^rec_[0-9a-f-]{36}$/) });

export const auditRecordView = z
  .object({
    record_id: z.string(),
    request_id: z.string(),
    phase: z.string(),
    event_type: z.string(),
    action: z.string(),
    recorded_at: z.iso.datetime(),
    occurred_at: z.iso.datetime(),
    outcome: z.string().nullable(),
    http_status: z.int().nullable(),
    error_code: z.string().nullable(),
    tenant_id: z.string().nullable(),
    client_id: z.string().nullable(),
    user_ref: z.string().nullable(),
    patient_ref: z.string().nullable(),
    purpose: z.string().nullable(),
    data_class: z.string().nullable(),
    model_version: z.string().nullable(),
    decision: z.string().nullable(),
    reason_code: z.string().nullable(),
    policy_set: z.string().nullable(),
    redactions: z.int().nullable(),
    tokens_in: z.int().nullable(),
    tokens_out: z.int().nullable(),
    latency_ms: z.number().nullable(),
    detail: z.record(z.string(), z.unknown()).describe('ids, codes and counts; never content'),
  })
  .meta({ id: 'AuditRecord', description: 'Schema stewardgate.audit/1.' });

export const auditPage = z
  .object({ data: z.array(auditRecordView), next_cursor: z.string().nullable() })
  .meta({ id: 'AuditPage' });
