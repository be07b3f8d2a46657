import { Client } from 'pg';

const url = process.env.DATABASE_URL ?? '';

/** Why tests of a server are skipped, or false when there is one. */
export const noServer = url === '' && 'DATABASE_URL is not set';

/** The server's URL with another database. */
export function urlOf(database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** Runs one statement on the server's own database, such as making and dropping those of tests. */
export async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
