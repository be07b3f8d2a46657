import type { AuditRecord } from '../../core/ledger/audit-record.ts';
import type { ModelRegistry } from '../../core/models/model-registry.ts';
import type { TenantRegistry } from '../../core/tenants/tenant-registry.ts';
import type { Database, Transaction } from './database.ts';
import { appendInTransaction } from './ledger/append-in-transaction.ts';
import { createModelRegistry } from './registry/model-registry.ts';
import { createTenantRegistry } from './registry/tenant-registry.ts';
import { withProblems } from './storage-problem.ts';

/** Everything that one act may change; all of it commits together. */
export interface Desk extends TenantRegistry, ModelRegistry {}

export function createDesk(tx: Transaction): Desk {
  return { ...createTenantRegistry(tx), ...createModelRegistry(tx) };
}

/**
 * Runs the work and appends the audit record it gives in one transaction: both are kept, or neither.
 * Throws the work's own Problems, and `service_unavailable` when storage does not answer.
 */
export function changeOnRecord<T>(
  database: Database,
  work: (desk: Desk) => Promise<{ readonly result: T; readonly record: AuditRecord }>,
): Promise<T> {
  return withProblems(() =>
    database.transaction(async (tx) => {
      const { result, record } = await work(createDesk(tx));
      await appendInTransaction(tx, record);
      return result;
    }),
  );
}
