import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { sql } from 'drizzle-orm';
import type { Database } from '../../../gateway/adapters/postgres/database.ts';
import { migrate } from '../../../gateway/adapters/postgres/migrate.ts';
import { schemaBreakingChange } from '../../../gateway/adapters/postgres/schema/breaking.ts';

const MIGRATIONS = readdirSync('migrations').sort();

/** Runs first: the database is empty, and migrated afterwards. */
export function migrateSuite(the: () => Database): void {
  test('twenty racing migrators on an empty database leave one set of rows', async () => {
    const reports = await Promise.all(Array.from({ length: 20 }, () => migrate(the())));
    assert.deepEqual(reports.flatMap((report) => report.applied).sort(), MIGRATIONS);
    const rows = await the()
      .handle.select({ name: sql<string>`name` })
      .from(sql`drizzle.__drizzle_migrations`);
    assert.deepEqual(rows.map((row) => row.name).sort(), MIGRATIONS);
  });

  test('a database that a newer release has changed without breaking anything is only reported', async () => {
    const name = '29990101000000_harmless-column';
    const table = sql`drizzle.__drizzle_migrations`;
    await the().handle.execute(
      sql`INSERT INTO ${table} (hash, created_at, name) VALUES ('none', 0, ${name})`,
    );
    assert.deepEqual(await migrate(the()), { applied: [], unknown: [name] });
    await the().handle.execute(sql`DELETE FROM ${table} WHERE name = ${name}`);
  });

  test('an older binary refuses a newer schema that breaks it, naming the change', async () => {
    const name = '29990101000000_drop-everything-old';
    await the().handle.insert(schemaBreakingChange).values({ name });
    await assert.rejects(migrate(the()), new RegExp(name));
    await the().handle.delete(schemaBreakingChange);
    await migrate(the());
  });
}
