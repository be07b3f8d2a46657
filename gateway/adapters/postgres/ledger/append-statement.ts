/** What a statement that appends a batch must be able to do. */
export interface AppendShape {
  readonly withUsage: boolean;
  /** The batch may be stored already, because the outcome of an earlier attempt is not known. */
  readonly again: boolean;
}

/**
 * One statement, so one transaction: `$1` is a JSON array of records, `$2` of usage lines.
 * Only a repeated attempt passes over records that exist; in a first one that would hide a reused id. A usage line is
 * stored exactly when its record is.
 */
export function appendStatement(shape: AppendShape): string {
  const records = shape.again ? RECORDS_AGAIN : RECORDS;
  return shape.withUsage ? `WITH stored AS (${records} RETURNING record_id) ${USAGE}` : records;
}

const RECORD_COLUMNS = {
  record_id: 'uuid',
  request_id: 'uuid',
  phase: 'text',
  event_type: 'text',
  action: 'text',
  occurred_at: 'timestamptz',
  outcome: 'text',
  http_status: 'int4',
  error_code: 'text',
  tenant_id: 'uuid',
  client_id: 'uuid',
  user_ref: 'text',
  patient_ref: 'text',
  purpose: 'text',
  data_class: 'text',
  model_version: 'text',
  decision: 'text',
  reason_code: 'text',
  policy_set: 'text',
  redactions: 'int4',
  tokens_in: 'int4',
  tokens_out: 'int4',
  latency_ms: 'int4',
  body: 'jsonb',
} as const;

const USAGE_COLUMNS = {
  tenant_id: 'uuid',
  request_id: 'uuid',
  kind: 'text',
  seq: 'int4',
  client_id: 'uuid',
  model_version: 'text',
  deployment: 'text',
  policy_set: 'text',
  purpose: 'text',
  data_class: 'text',
  outcome: 'text',
  source: 'text',
  tokens_in: 'int8',
  tokens_cached_in: 'int8',
  tokens_out: 'int8',
  tokens_reasoning: 'int8',
  occurred_at: 'timestamptz',
} as const;

const names = (columns: object) => Object.keys(columns).join(', ');
const typed = (columns: object) =>
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');

const RECORDS = `INSERT INTO audit_record (${names(RECORD_COLUMNS)})
SELECT ${names(RECORD_COLUMNS)} FROM jsonb_to_recordset($1::text::jsonb) AS line (${typed(RECORD_COLUMNS)})`;

const RECORDS_AGAIN = `${RECORDS} ON CONFLICT (record_id) DO NOTHING`;

const USAGE = `INSERT INTO usage_record (${names(USAGE_COLUMNS)})
SELECT ${names(USAGE_COLUMNS)}
FROM jsonb_to_recordset($2::text::jsonb) AS line (record_id uuid, ${typed(USAGE_COLUMNS)})
JOIN stored USING (record_id)`;
