import { Command } from 'commander';
import { auditVerbs } from './audit.ts';
import { clientVerbs } from './client.ts';
import { demoVerb } from './demo.ts';
import { keyVerbs } from './key.ts';
import { migrateVerb } from './migrate.ts';
import { modelVerbs } from './model.ts';
import { openapiVerb } from './openapi.ts';
import { operatorVerbs } from './operator.ts';
import { policyVerbs } from './policy.ts';
import { settingsVerb } from './settings.ts';
import { tenantVerbs } from './tenant.ts';
import { tokenVerb } from './token.ts';

/** Every verb of the command line. What ends one early is thrown as a CommanderError, help included. */
export function createProgram(): Command {
  const program = new Command('stewardgate')
    .description('The command line of the Stewardgate gateway.')
    .showHelpAfterError('(see --help)');
  const verbs = [
    demoVerb(),
    migrateVerb(),
    tenantVerbs(),
    clientVerbs(),
    keyVerbs(),
    tokenVerb(),
    operatorVerbs(),
    modelVerbs(),
    policyVerbs(),
    auditVerbs(),
    openapiVerb(),
    settingsVerb(),
  ];
  for (const verb of verbs) program.addCommand(verb);
  return withoutExits(program);
}

/** The whole tree; three levels deep at most. */
function withoutExits(command: Command): Command {
  for (const verb of command.commands) withoutExits(verb);
  return command.exitOverride();
}
