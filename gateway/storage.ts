import { join } from 'node:path';
import type { Database } from './adapters/postgres/database.ts';
import { openDatabase } from './adapters/postgres/open-database.ts';
import type { Config } from './config.ts';
import { sayWhy } from './say-fault.ts';

/** Opens the database that the settings name. Throws an Error that names `DATABASE_URL` when there is none to be opened. */
export async function openStorage({ databaseUrl, dataDir }: Config): Promise<Database> {
  const folder = { dataDir: join(dataDir, 'database') };
  if (databaseUrl === undefined) return await openDatabase(folder);
  try {
    return await openDatabase({ ...folder, url: databaseUrl });
  } catch (fault) {
    throw new Error(`DATABASE_URL: ${sayWhy(fault)}`, { cause: fault });
  }
}
