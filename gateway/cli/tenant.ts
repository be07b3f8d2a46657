import { Command, Option } from 'commander';
import { PURPOSES, REGIONS, TENANT_ROLES, TIERS } from '../domain/vocabulary.ts';
import { keyDays, personName } from './arguments.ts';
import { createClientVerb } from './client.ts';
import { printJson } from './print.ts';
import { callGateway, type RemoteOptions, speaksTo } from './remote.ts';

const PATH = '/admin/v1/tenants';

/** `stewardgate tenant list|create|suspend|reinstate|client|person`, on a running gateway. */
export function tenantVerbs(): Command {
  const verbs = new Command('tenant').description('the organisations that may call');
  verbs.addCommand(
    speaksTo(new Command('list').description('list tenants')).action(async (options: RemoteOptions) => {
      printJson(await callGateway(options, 'owner', { method: 'GET', path: PATH }));
    }),
  );
  verbs.addCommand(createVerb());
  verbs.addCommand(createClientVerb('client'));
  verbs.addCommand(personVerb());
  for (const verb of ['suspend', 'reinstate']) verbs.addCommand(statusVerb(verb));
  return verbs;
}

interface CreateOptions extends RemoteOptions {
  readonly name: string;
  readonly tier: string;
  readonly region: string;
  readonly purpose?: string;
}

function createVerb(): Command {
  return speaksTo(new Command('create').description('create a tenant').argument('<slug>'))
    .requiredOption('--name <name>', 'the organisation’s name')
    .addOption(new Option('--tier <tier>', 'what kind of organisation').choices(TIERS).makeOptionMandatory())
    .addOption(
      new Option('--region <region>', 'where its data may be processed').choices(REGIONS).default('US'),
    )
    .addOption(new Option('--purpose <code>', 'its default purpose of use').choices(PURPOSES))
    .action(async (slug: string, { name, tier, region, purpose, ...options }: CreateOptions) => {
      const body = { slug, name, tier, region, default_purpose: purpose ?? null };
      printJson(await callGateway(options, 'owner', { method: 'POST', path: PATH, body }));
    });
}

interface PersonOptions extends RemoteOptions {
  readonly role: string;
  readonly days: number;
}

function personVerb(): Command {
  return speaksTo(
    new Command('person')
      .description('give a person a role in a tenant, and print an API key, once')
      .argument('<slug>')
      .argument('<name>', 'whom it is for', personName),
  )
    .addOption(new Option('--role <role>').choices(TENANT_ROLES).makeOptionMandatory())
    .option('--days <count>', 'days until the key expires', keyDays, 90)
    .action(async (slug: string, name: string, { role, days, ...options }: PersonOptions) => {
      const path = `${PATH}/${encodeURIComponent(slug)}/people`;
      const body = { name, role, expires_in_days: days };
      printJson(await callGateway(options, 'owner', { method: 'POST', path, body }));
    });
}

function statusVerb(verb: string): Command {
  return speaksTo(new Command(verb).description(`${verb} a tenant`).argument('<slug>')).action(
    async (slug: string, options: RemoteOptions) => {
      const path = `${PATH}/${encodeURIComponent(slug)}/${verb}`;
      printJson(await callGateway(options, 'owner', { method: 'POST', path }));
    },
  );
}
