import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { migrate as applyMigrations } from 'drizzle-orm/pg-core';
import type { Database, Handle } from './database.ts';
import { schemaBreakingChange } from './schema/breaking.ts';

export interface MigrationReport {
  /** Applied by this call, in order; empty when another process was first. */
  readonly applied: readonly string[];
  /** In the database but not known here: a newer release has been there, with nothing that breaks this one. */
  readonly unknown: readonly string[];
}

/**
 * Brings the schema up to what this release knows. Any number of processes may call it at once: one applies, the
 * others wait. Throws an Error when a newer release has made a change that this one cannot live with.
 */
export function migrate(database: Database, folder: string = MIGRATIONS): Promise<MigrationReport> {
  return database.session(async (handle) => {
    await handle.execute(sql`SELECT pg_advisory_lock(${LOCK})`);
    try {
      return await migrateAlone(handle, folder);
    } finally {
      await handle.execute(sql`SELECT pg_advisory_unlock(${LOCK})`);
    }
  });
}

const MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url));
/** An arbitrary number that nothing else in this database locks. */
const LOCK = 7_301_944_001;

async function migrateAlone(handle: Handle, folder: string): Promise<MigrationReport> {
  const known = new Set(readdirSync(folder));
  await assertNothingBreaking(handle, known);
  const before = await appliedNames(handle);
  await applyMigrations(readMigrationFiles({ migrationsFolder: folder }), handle, {
    migrationsFolder: folder,
  });
  const after = await appliedNames(handle);
  return {
    applied: after.filter((name) => !before.includes(name)),
    unknown: after.filter((name) => !known.has(name)),
  };
}

async function assertNothingBreaking(handle: Handle, known: ReadonlySet<string>): Promise<void> {
  if (!(await exists(handle, 'public.schema_breaking_change'))) return;
  const rows = await handle.select({ name: schemaBreakingChange.name }).from(schemaBreakingChange);
  const breaking = rows.map((row) => row.name).filter((name) => !known.has(name));
  if (breaking.length === 0) return;
  throw new Error(
    `the database belongs to a newer release: this one does not know ${breaking.join(', ')}; upgrade the program`,
  );
}

async function appliedNames(handle: Handle): Promise<string[]> {
  if (!(await exists(handle, 'drizzle.__drizzle_migrations'))) return [];
  const rows = await handle
    .select({ name: sql<string>`name` })
    .from(sql`drizzle.__drizzle_migrations`)
    .orderBy(sql`id`);
  return rows.map((row) => row.name);
}

async function exists(handle: Handle, table: string): Promise<boolean> {
  const rows = await handle
    .select({ found: sql<boolean>`to_regclass(${table}) IS NOT NULL` })
    .from(sql`(SELECT) AS nothing`);
  return rows[0]?.found === true;
}
