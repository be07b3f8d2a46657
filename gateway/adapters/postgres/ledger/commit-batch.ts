import { setTimeout as pause } from 'node:timers/promises';
import { appendStatement } from './append-statement.ts';
import type { PendingAppend } from './pending-append.ts';
import type { SteadyWriter } from './steady-writer.ts';
import { type StorageFault, storageFault } from './storage-fault.ts';

/**
 * Stores a batch, in one transaction if it can be. Rows that cannot be stored fail alone, found by halving; when
 * storage itself fails, all is tried again until each row's deadline. Never rejects.
 */
export async function commitBatch(batch: readonly PendingAppend[], writer: SteadyWriter): Promise<void> {
  for (let wanted = batch; wanted.length > 0; wanted = wanted.filter((append) => !append.settled)) {
    const fault = await attempt(wanted, writer);
    if (fault === undefined) return;
    if (fault.kind === 'row') return split(wanted, writer, fault);
    // A server that was shut down or cancelled in a commit has often made it all the same.
    for (const append of wanted) append.again = true;
    await pause(RETRY_MS);
  }
}

const RETRY_MS = 50;

async function attempt(
  batch: readonly PendingAppend[],
  writer: SteadyWriter,
): Promise<StorageFault | undefined> {
  const usage = batch.flatMap((append) => append.usage ?? []);
  const withUsage = usage.length > 0;
  const statement = appendStatement({ withUsage, again: batch.some((append) => append.again) });
  const records = jsonArray(batch.map((append) => append.record));
  try {
    await writer.run(statement, withUsage ? [records, jsonArray(usage)] : [records]);
    for (const append of batch) append.resolve();
    return undefined;
  } catch (thrown) {
    return storageFault(thrown);
  }
}

function jsonArray(encoded: readonly string[]): string {
  return `[${encoded.join(',')}]`;
}

async function split(
  batch: readonly PendingAppend[],
  writer: SteadyWriter,
  fault: StorageFault & { kind: 'row' },
): Promise<void> {
  if (batch.length === 1) {
    batch[0]?.reject(`row refused: ${fault.code}`);
    return;
  }
  const middle = Math.ceil(batch.length / 2);
  await commitBatch(batch.slice(0, middle), writer);
  await commitBatch(batch.slice(middle), writer);
}
