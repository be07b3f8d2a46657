import type { AuditRecord } from '../../core/ledger/audit-record.ts';
import type { Ledger, UsageLine } from '../../core/ledger/ledger.ts';
import type { Database } from './database.ts';
import { commitBatch } from './ledger/commit-batch.ts';
import { encodeRecord, encodeUsage } from './ledger/encode-record.ts';
import { createGroupCommit } from './ledger/group-commit.ts';
import { auditUnavailable, createPendingAppend, type PendingAppend } from './ledger/pending-append.ts';
import { createSteadyWriter } from './ledger/steady-writer.ts';

export interface LedgerWriterOptions {
  /** How long an append may take before it fails; default one second. */
  readonly deadlineMs?: number;
  /** How many appends may wait; default 10,000. */
  readonly waitingMax?: number;
}

/**
 * The ledger of one replica. All appends share one connection and, while it is busy, one transaction.
 * An append that fails may still have been stored when its outcome was lost; it is never stored twice.
 */
export function createLedgerWriter(
  database: Database,
  options: LedgerWriterOptions = {},
): Ledger & AsyncDisposable {
  const { deadlineMs = DEADLINE_MS, waitingMax = WAITING_MAX } = options;
  const writer = createSteadyWriter(() => database.openWriter());
  const group = createGroupCommit((batch) => commitBatch(batch, writer));
  let closed = false;

  return {
    async append(record, usage) {
      if (closed) throw auditUnavailable('the ledger is closed');
      if (group.depth >= waitingMax) throw auditUnavailable('too many appends are waiting');
      const pending = pendingOf(record, usage, deadlineMs);
      group.add(pending);
      await pending.done;
    },
    isReady: () => !closed && writer.isReady(),
    async [Symbol.asyncDispose]() {
      closed = true;
      await group.drained();
      await writer[Symbol.asyncDispose]();
    },
  };
}

const DEADLINE_MS = 1_000;
const WAITING_MAX = 10_000;
const RECORD_BYTES_MAX = 65_536;

function pendingOf(record: AuditRecord, usage: UsageLine | undefined, deadlineMs: number): PendingAppend {
  const encoded = encode(record, usage);
  if (encoded.record.length > RECORD_BYTES_MAX) throw auditUnavailable('the record is too large');
  return createPendingAppend(encoded.record, encoded.usage, deadlineMs);
}

function encode(record: AuditRecord, usage: UsageLine | undefined) {
  try {
    return {
      record: encodeRecord(record),
      usage: usage === undefined ? undefined : encodeUsage(usage, record),
    };
  } catch (fault) {
    throw auditUnavailable(fault instanceof Error ? fault.message : 'the record cannot be encoded');
  }
}
