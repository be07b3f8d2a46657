import { sql } from 'drizzle-orm';
import type { AuditRecord } from '../../../core/ledger/audit-record.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Transaction } from '../database.ts';
import { appendStatement } from './append-statement.ts';
import { encodeRecord } from './encode-record.ts';

/** Appends a record that stands or falls with everything else in the transaction. Throws `audit_unavailable`. */
export async function appendInTransaction(tx: Transaction, record: AuditRecord): Promise<void> {
  const [before, after] = appendStatement({ withUsage: false, again: false }).split('$1');
  try {
    const records = `[${encodeRecord(record)}]`;
    await tx.execute(sql`${sql.raw(before ?? '')}${records}${sql.raw(after ?? '')}`);
  } catch (cause) {
    throw new Problem('audit_unavailable', { cause });
  }
}
