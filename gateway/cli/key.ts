import { Command, Option } from 'commander';
import { keyDays } from './arguments.ts';
import { printJson } from './print.ts';
import { callGateway, type RemoteOptions, speaksTo } from './remote.ts';

/** `stewardgate key list|issue|revoke`, on a running gateway. */
export function keyVerbs(): Command {
  const verbs = new Command('key').description('the API keys of a tenant');
  verbs.addCommand(
    speaksTo(new Command('list').description('list keys, without their secrets').argument('<tenant>')).action(
      async (tenant: string, options: RemoteOptions) => {
        printJson(await callGateway(options, 'owner', { method: 'GET', path: pathOf(tenant) }));
      },
    ),
  );
  verbs.addCommand(issueVerb());
  verbs.addCommand(
    speaksTo(
      new Command('revoke').description('revoke a key, at once and for good').argument('<key id>'),
    ).action(async (key: string, options: RemoteOptions) => {
      const path = `/admin/v1/keys/${encodeURIComponent(key)}/revoke`;
      printJson(await callGateway(options, 'owner', { method: 'POST', path }));
    }),
  );
  return verbs;
}

interface IssueOptions extends RemoteOptions {
  readonly client: string;
  readonly environment: string;
  readonly cidr?: string[];
  readonly days: number;
}

function issueVerb(): Command {
  return speaksTo(
    new Command('issue').description('issue a key; its secret is printed once').argument('<tenant>'),
  )
    .requiredOption('--client <id>', 'the client, cli_…')
    .addOption(new Option('--environment <word>').choices(['live', 'test']).default('live'))
    .option('--cidr <block...>', 'addresses the key may be used from')
    .option('--days <count>', 'days until it expires', keyDays, 90)
    .action(async (tenant: string, { client, environment, cidr, days, ...options }: IssueOptions) => {
      const body = { client, environment, cidrs: cidr ?? [], expires_in_days: days };
      printJson(await callGateway(options, 'owner', { method: 'POST', path: pathOf(tenant), body }));
    });
}

const pathOf = (tenant: string) => `/admin/v1/tenants/${encodeURIComponent(tenant)}/keys`;
