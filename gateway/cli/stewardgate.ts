import { CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { sayFault } from '../say-fault.ts';
import { endWithReader } from './print.ts';
import { createProgram } from './program.ts';
import { Refusal } from './remote.ts';

const DONE = 0;
const REFUSED = 1;
const USAGE = 2;

endWithReader();
process.exitCode = await run(process.argv);

async function run(argv: string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv);
    return DONE;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? DONE : USAGE;
    process.stderr.write(`${thrown instanceof Refusal ? thrown.message : sayFault(thrown)}\n`);
    return thrown instanceof ConfigError ? USAGE : REFUSED;
  }
}
