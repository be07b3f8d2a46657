import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { sql } from 'drizzle-orm';
import { openDatabase } from '../../../gateway/adapters/postgres/open-database.ts';

const parent = mkdtempSync(join(tmpdir(), 'stewardgate-pglite-'));
const folder = join(parent, 'deep', 'database');
after(() => rmSync(parent, { recursive: true }));

test('a second process is refused, and kill -9 while writing loses no acknowledged record', async () => {
  const appender = spawn(process.execPath, [join(import.meta.dirname, 'pglite-appender.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
