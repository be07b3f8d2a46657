import { Command, Option } from 'commander';
import { KEY_SCOPES } from '../domain/vocabulary.ts';
import { keyDays, overlapDays } from './arguments.ts';
import { printJson } from './print.ts';
import { callGateway, type RemoteOptions, speaksTo } from './remote.ts';

/** `stewardgate key list|issue|rotate|revoke`, on a running gateway. */
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
  verbs.addCommand(rotateVerb());
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
  readonly scope?: string[];
  readonly cidr?: string[];
  readonly days: number;
}

function issueVerb(): Command {
  return speaksTo(
    new Command('issue').description('issue a key; its secret is printed once').argument('<tenant>'),
  )
    .requiredOption('--client <id>', 'the client, cli_…')
    .addOption(new Option('--environment <word>').choices(['live', 'test']).default('live'))
    .addOption(new Option('--scope <scope...>', 'what it is for').choices(KEY_SCOPES))
    .option('--cidr <block...>', 'addresses the key may be used from')
    .option('--days <count>', 'days until it expires', keyDays, 90)
    .action(async (tenant: string, { client, environment, scope, cidr, days, ...options }: IssueOptions) => {
      const scopes = scope === undefined ? {} : { scopes: scope };
      const body = { client, environment, ...scopes, cidrs: cidr ?? [], expires_in_days: days };
      printJson(await callGateway(options, 'owner', { method: 'POST', path: pathOf(tenant), body }));
    });
}

interface RotateOptions extends RemoteOptions {
  readonly overlap: number;
  readonly days: number;
}

function rotateVerb(): Command {
  return speaksTo(
    new Command('rotate')
      .description('put a second key beside one, which ends after the overlap; its secret is printed once')
      .argument('<key id>'),
  )
    .option('--overlap <count>', 'days for which the old key works on', overlapDays, 7)
    .option('--days <count>', 'days until the new key expires', keyDays, 90)
    .action(async (key: string, { overlap, days, ...options }: RotateOptions) => {
      const path = `/admin/v1/keys/${encodeURIComponent(key)}/rotate`;
      const body = { overlap_days: overlap, expires_in_days: days };
      printJson(await callGateway(options, 'owner', { method: 'POST', path, body }));
    });
}

const pathOf = (tenant: string) => `/admin/v1/tenants/${encodeURIComponent(tenant)}/keys`;
