import { join } from 'node:path';
import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { print } from './print.ts';

/** `stewardgate migrate`: brings the schema up to this release and says what it did. */
export function migrateVerb(): Command {
  return new Command('migrate')
    .description('bring the database schema up to this release')
    .action(async () => {
      const { databaseUrl, dataDir } = readConfig();
      const { openDatabase } = await import('../adapters/postgres/open-database.ts');
      const { migrate } = await import('../adapters/postgres/migrate.ts');
      const url = databaseUrl === undefined ? {} : { url: databaseUrl };
      await using database = await openDatabase({ ...url, dataDir: join(dataDir, 'database') });
      const { applied, unknown } = await migrate(database);
      for (const name of applied) print(`applied ${name}`);
      for (const name of unknown) print(`newer than this release: ${name}`);
      if (applied.length === 0) print('nothing to apply');
    });
}
