import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { DATA_CLASSES, MODEL_ACTIONS, PURPOSES } from '../domain/vocabulary.ts';
import { print, printJson } from './print.ts';
import { callGateway, Refusal, type RemoteOptions, speaksTo } from './remote.ts';

/** `stewardgate policy check|explain`. */
export function policyVerbs(): Command {
  const verbs = new Command('policy').description('what the owner permits');
  verbs.addCommand(
    new Command('check')
      .description('load the policy files as the gateway would and run their truth tables')
      .option('--dir <folder>', 'another policy folder than this release’s own')
      .action(({ dir = OWN_FOLDER }: { dir?: string }) => checkFolder(dir)),
  );
  verbs.addCommand(explainVerb());
  return verbs;
}

const OWN_FOLDER = join(import.meta.dirname, '..', '..', 'policies');

async function checkFolder(dir: string): Promise<void> {
  const { createDecisionPoint } = await import('../adapters/casbin/decision-point.ts');
  const { createOperatorPermissions } = await import('../adapters/casbin/operator-permissions.ts');
  const { runCases } = await import('../core/policy/cases.ts');
  const read = (name: string) => readFileSync(join(dir, name), 'utf8');
  const point = createDecisionPoint({
    modelText: read('model.conf'),
    rulesText: read('stewardship.csv'),
    tenants: [],
  });
  createOperatorPermissions({ modelText: read('operators.conf'), rulesText: read('operators.csv') });
  const files = readdirSync(join(dir, 'cases')).filter((name) => name.endsWith('.csv'));
  const results = files.flatMap((name) =>
    runCases(point, read(join('cases', name))).map((one) => ({ ...one, file: name })),
  );
  const wrong = results.filter((one) => !one.passed);
  for (const one of wrong) print(`${one.file}: ${one.name}: ${one.differences.join('; ')}`);
  print(`policy set ${point.policySet}: ${results.length - wrong.length} of ${results.length} cases hold`);
  if (wrong.length > 0) throw new Refusal(`${wrong.length} cases do not hold`);
}

interface ExplainOptions extends RemoteOptions {
  readonly purpose: string;
  readonly dataClass: string;
  readonly action: string;
  readonly human?: boolean;
}

function explainVerb(): Command {
  return speaksTo(new Command('explain').description('ask a running gateway what it would decide, and why'))
    .argument('<tenant>')
    .argument('<model version>')
    .addOption(new Option('--purpose <code>').choices(PURPOSES).makeOptionMandatory())
    .addOption(new Option('--data-class <class>').choices(DATA_CLASSES).default('deidentified'))
    .addOption(new Option('--action <action>').choices(MODEL_ACTIONS).default('infer'))
    .option('--human', 'a user is named')
    .action(async (tenant: string, model: string, options: ExplainOptions) => {
      const { purpose, dataClass, action, human = false } = options;
      const body = { tenant, model, purpose, data_class: dataClass, action, human };
      printJson(
        await callGateway(options, 'author', { method: 'POST', path: '/admin/v1/policy/check', body }),
      );
    });
}
