import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { print } from './print.ts';

/** `stewardgate migrate`: brings the schema up to this release and says what it did. */
export function migrateVerb(): Command {
  return new Command('migrate')
    .description('bring the database schema up to this release')
    .action(async () => {
      const config = readConfig();
      const { openStorage } = await import('../storage.ts');
      const { migrate } = await import('../adapters/postgres/migrate.ts');
      await using database = await openStorage(config);
      const { applied, unknown } = await migrate(database);
      for (const name of applied) print(`applied ${name}`);
      for (const name of unknown) print(`newer than this release: ${name}`);
      if (applied.length === 0) print('nothing to apply');
    });
}
