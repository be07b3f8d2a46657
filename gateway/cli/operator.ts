import { Command, Option } from 'commander';
import { newKey } from '../actions/keys.ts';
import { newId } from '../domain/ids.ts';
import { OPERATOR_ROLES, type OperatorRole } from '../domain/vocabulary.ts';
import { keyDays, personName } from './arguments.ts';
import { printJson } from './print.ts';

interface CreateOptions {
  readonly name: string;
  readonly role: OperatorRole;
  readonly days: number;
}

/** `stewardgate operator create`: works on the database itself, so that a new gateway can get its first operator. */
export function operatorVerbs(): Command {
  const verbs = new Command('operator').description('the owner’s own people');
  verbs.addCommand(
    new Command('create')
      .description('create an operator and print an API key, once; opens the database itself')
      .requiredOption('--name <name>', 'whom or what it is for', personName)
      .addOption(new Option('--role <role>').choices(OPERATOR_ROLES).makeOptionMandatory())
      .option('--days <count>', 'days until the key expires', keyDays, 90)
      .action((options: CreateOptions) => createOperator(options)),
  );
  return verbs;
}

async function createOperator({ name, role, days }: CreateOptions): Promise<void> {
  const { changeLocally, withGateway } = await import('./local.ts');
  const created = await withGateway((gateway) => {
    const { office } = gateway;
    const operator = {
      id: newId('operator', office.ids),
      name,
      role,
      status: 'active' as const,
      tenantId: null,
    };
    const wish = {
      environment: 'live' as const,
      cidrs: [],
      expires_in_days: days,
      scopes: ['operator'],
    };
    const { key, text } = newKey(office, wish);
    const about = { event: 'admin.operator.create', note: { operator: operator.id, role, key: key.id } };
    return changeLocally(gateway, about, async (desk) => {
      await desk.insertOperator(operator);
      await desk.insertKey(key, operator.id, 'local');
      return { operator, apiKey: text };
    });
  });
  printJson(created);
}
