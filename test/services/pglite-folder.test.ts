import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { sql } from 'drizzle-orm';
import { openDatabase } from '../../gateway/adapters/postgres/open-database.ts';
import { eventually } from '../adapters/postgres/fixtures.ts';
import { childFlags } from '../support/child.ts';

const parent = mkdtempSync(join(tmpdir(), 'stewardgate-pglite-'));
const folder = join(parent, 'deep', 'database');
after(() => rmSync(parent, { recursive: true }));

test('a second process is refused, and kill -9 while writing loses no acknowledged record', async () => {
  const appender = spawn(
    process.execPath,
    [...childFlags, join(import.meta.dirname, 'pglite-appender.ts'), folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const acknowledged = await acknowledgedBefore(appender, async () => {
    await assert.rejects(openDatabase({ dataDir: folder }), (fault: Error) => fault.message.includes(folder));
    assert.equal(statSync(folder).mode & 0o777, 0o700);
  });
  await using database = await openDatabase({ dataDir: folder });
  const rows = await database.handle.select({ id: sql<string>`'rec_' || record_id` }).from(sql`audit_record`);
  const stored = new Set(rows.map((row) => row.id));
  assert.deepEqual(
    acknowledged.filter((id) => !stored.has(id)),
    [],
  );
});

test('what was written is checkpointed and vacuumed in time, under a cap for the log of writes', async () => {
  await using database = await openDatabase({ dataDir: join(parent, 'tended'), upkeepMs: 20 });
  const read = async (query: string) => {
    const rows = await database.handle
      .select({ value: sql<string>`${sql.raw(query)}::text` })
      .from(sql`(SELECT) AS nothing`);
    return rows[0]?.value ?? '';
  };
  assert.equal(await read("current_setting('max_wal_size')"), '64MB');
  assert.equal(await read("current_setting('shared_buffers')"), '32MB');
  await database.transaction(async (tx) => {
    await tx.execute(sql`CREATE TABLE scratch AS SELECT n FROM generate_series(1, 20000) AS n`);
  });
  const written = await read('pg_current_wal_lsn()');
  const isTended = async () =>
    (await read(`(SELECT redo_lsn >= '${written}'::pg_lsn FROM pg_control_checkpoint())`)) === 'true' &&
    (await read("(SELECT reltuples FROM pg_class WHERE relname = 'scratch')")) === '20000';
  assert.ok(await eventually(isTended));
});

/** Reads what the child has acknowledged, does the work in the middle of it, then kills the child. */
async function acknowledgedBefore(
  child: ChildProcessByStdio<null, Readable, null>,
  work: () => Promise<void>,
): Promise<string[]> {
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === 200) await work();
      if (lines.length === 1_000) child.kill('SIGKILL');
    }
  } finally {
    child.kill('SIGKILL');
  }
  return lines;
}
