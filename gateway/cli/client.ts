import { Command } from 'commander';
import { readKeySet } from './key-set-file.ts';
import { printJson } from './print.ts';
import { callGateway, type RemoteOptions, speaksTo } from './remote.ts';

/** `stewardgate client list|create|show|jwks put|suspend|resume`, on a running gateway. */
export function clientVerbs(): Command {
  const verbs = new Command('client').description('the software of a tenant');
  verbs.addCommand(listVerb());
  verbs.addCommand(createClientVerb('create'));
  verbs.addCommand(showVerb());
  verbs.addCommand(jwksVerbs());
  for (const verb of ['suspend', 'resume']) verbs.addCommand(statusVerb(verb));
  return verbs;
}

/** Registers a client; under two names. */
export function createClientVerb(verb: 'create' | 'client'): Command {
  return speaksTo(
    new Command(verb).description('register a client of a tenant').argument('<tenant>').argument('<name>'),
  ).action(async (tenant: string, name: string, options: RemoteOptions) => {
    printJson(await callGateway(options, 'owner', { method: 'POST', path: pathOf(tenant), body: { name } }));
  });
}

function listVerb(): Command {
  return speaksTo(new Command('list').description('list clients').argument('<tenant>')).action(
    async (tenant: string, options: RemoteOptions) => {
      printJson(await callGateway(options, 'owner', { method: 'GET', path: pathOf(tenant) }));
    },
  );
}

function showVerb(): Command {
  return onClient(new Command('show').description('show a client with its public keys')).action(
    async (tenant: string, client: string, options: RemoteOptions) => {
      printJson(await callGateway(options, 'owner', { method: 'GET', path: pathOf(tenant, client) }));
    },
  );
}

function jwksVerbs(): Command {
  const verbs = new Command('jwks').description('the public keys with which a client proves itself');
  return verbs.addCommand(
    onClient(new Command('put').description('replace them, all at once'))
      .argument('<file>', 'a set of public keys, RFC 7517')
      .action(async (tenant: string, client: string, file: string, options: RemoteOptions) => {
        const path = `${pathOf(tenant, client)}/jwks`;
        printJson(await callGateway(options, 'owner', { method: 'PUT', path, body: readKeySet(file) }));
      }),
  );
}

function statusVerb(verb: string): Command {
  return onClient(new Command(verb).description(`${verb} a client`)).action(
    async (tenant: string, client: string, options: RemoteOptions) => {
      const path = `${pathOf(tenant, client)}/${verb}`;
      printJson(await callGateway(options, 'owner', { method: 'POST', path }));
    },
  );
}

const onClient = (verb: Command) => speaksTo(verb.argument('<tenant>').argument('<client>', 'cli_…'));

function pathOf(tenant: string, client?: string): string {
  const clients = `/admin/v1/tenants/${encodeURIComponent(tenant)}/clients`;
  return client === undefined ? clients : `${clients}/${encodeURIComponent(client)}`;
}
