import type { Pool } from 'pg';

/** Throws an Error that names what is wrong when the server is older than 15 or may forget what it has committed. */
export async function assertKeepsCommits(pool: Pool): Promise<void> {
  const { rows } = await pool.query<Settings>(SETTINGS);
  const found = rows[0];
  if (found === undefined) throw new Error('the database server does not tell its settings');
  if (found.version < VERSION_MIN) {
    throw new Error(`PostgreSQL 15 or newer is required, the server is ${found.version}`);
  }
  const unsafe = DURABLE.filter((name) => found[name] === 'off');
  if (unsafe.length > 0) {
    throw new Error(`the database server may lose committed records: ${unsafe.join(', ')} is off`);
  }
}

const VERSION_MIN = 150_000;
const DURABLE = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;
type Settings = { readonly version: number } & Readonly<Record<(typeof DURABLE)[number], string>>;

const SETTINGS = `SELECT current_setting('server_version_num')::int AS version,
  ${DURABLE.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`;
