import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { sayFault } from '../say-fault.ts';
import { auditVerbs } from './audit.ts';
import { demoVerb } from './demo.ts';
import { keyVerbs } from './key.ts';
import { migrateVerb } from './migrate.ts';
import { modelVerbs } from './model.ts';
import { openapiVerb } from './openapi.ts';
import { operatorVerbs } from './operator.ts';
import { policyVerbs } from './policy.ts';
import { Refusal } from './remote.ts';
import { settingsVerb } from './settings.ts';
import { tenantVerbs } from './tenant.ts';

const DONE = 0;
const REFUSED = 1;
const USAGE = 2;

const program = new Command('stewardgate')
  .description('The command line of the Stewardgate gateway.')
  .showHelpAfterError('(see --help)');
const verbs = [
  demoVerb(),
  migrateVerb(),
  tenantVerbs(),
  keyVerbs(),
  operatorVerbs(),
  modelVerbs(),
  policyVerbs(),
  auditVerbs(),
  openapiVerb(),
  settingsVerb(),
];
for (const verb of verbs) program.addCommand(verb);
for (const command of [program, ...verbs, ...verbs.flatMap((verb) => verb.commands)]) command.exitOverride();

process.exitCode = await run(process.argv);

async function run(argv: string[]): Promise<number> {
  try {
    await program.parseAsync(argv);
    return DONE;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? DONE : USAGE;
    process.stderr.write(`${thrown instanceof Refusal ? thrown.message : sayFault(thrown)}\n`);
    return thrown instanceof ConfigError ? USAGE : REFUSED;
  }
}
