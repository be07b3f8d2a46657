import { Command } from 'commander';
import { printEnvExample, printSettingsTable } from '../config.ts';
import { print } from './print.ts';

/** `stewardgate settings`: every setting, as a table or as an example environment file. */
export function settingsVerb(): Command {
  return new Command('settings')
    .description('print every setting')
    .option('--env', 'as .env.example instead of a table')
    .action(({ env }: { env?: boolean }) =>
      print(env === true ? printEnvExample().trimEnd() : printSettingsTable()),
    );
}
