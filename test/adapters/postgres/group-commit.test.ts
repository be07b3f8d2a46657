import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGroupCommit } from '../../../gateway/adapters/postgres/ledger/group-commit.ts';
import {
  createPendingAppend,
  type PendingAppend,
} from '../../../gateway/adapters/postgres/ledger/pending-append.ts';

/** Everything added at once, and the batches in which it was handed over. */
async function batchesOf(records: readonly string[]): Promise<readonly (readonly PendingAppend[])[]> {
  const batches: (readonly PendingAppend[])[] = [];
  const group = createGroupCommit(async (batch) => {
    batches.push(batch);
    for (const append of batch) append.resolve();
  });
  for (const record of records) group.add(createPendingAppend(record, undefined, 5_000));
  await group.drained();
  return batches;
}

test('a batch holds at most 256 rows, and none is lost or twice', async () => {
  const records = Array.from({ length: 700 }, (_, at) => `row ${at}`);
  const batches = await batchesOf(records);
  assert.deepEqual(
    batches.map(({ length }) => length),
    [256, 256, 188],
  );
  assert.deepEqual(
    batches.flat().map(({ record }) => record),
    records,
  );
});

test('a batch holds at most one MiB, unless a single row is larger', async () => {
  const batches = await batchesOf(Array.from({ length: 40 }, () => 'x'.repeat(60_000)));
  for (const batch of batches)
    assert.ok(batch.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= 1_048_576);
  assert.equal(batches.flat().length, 40);
  assert.ok(batches.length < 10, 'and still many together');
  assert.equal((await batchesOf(['y'.repeat(2_000_000), 'z'])).length, 2);
});
