import { clientList, clientView, createClient, namedClient, namedTenant } from '../contract/admin.ts';
import { clientCard } from '../contract/client-jwks.ts';
import type { Client, TenantStatus } from '../core/tenants/tenant.ts';
import type { ClientCard, TenantReader } from '../core/tenants/tenant-registry.ts';
import { newId, readId, type TenantId } from '../domain/ids.ts';
import { Problem } from '../domain/problem.ts';
import { type Act, change, look } from './action.ts';
import { requireResumable, suspenderOf } from './suspension.ts';
import { theTenant } from './tenants.ts';
import { readLimits, viewClient, viewClientCard } from './views.ts';

const PATH = '/admin/v1/tenants/:tenant/clients';
const ONE = `${PATH}/:client`;

export const listTenantClients = look({
  method: 'get',
  path: PATH,
  summary: "List a tenant's clients",
  permission: 'client:read',
  reach: 'named tenant',
  event: 'admin.client.list',
  action: 'R',
  input: namedTenant,
  output: clientList,
  run: async ({ tenant: slug }, office) => {
    const tenant = await theTenant(office.registry, slug);
    const clients = await office.registry.listClients(tenant.id);
    return { answer: { data: clients.map(viewClient) }, note: { tenant: tenant.id, rows: clients.length } };
  },
});

export const createTenantClient = change({
  method: 'post',
  path: PATH,
  summary: 'Register a client of a tenant',
  permission: 'client:write',
  reach: 'named tenant',
  event: 'admin.client.create',
  action: 'C',
  status: 201,
  input: createClient,
  output: clientView,
  run: async ({ tenant: slug, name, limits }, desk, { office }) => {
    const tenant = await theTenant(desk, slug);
    const client: Client = {
      id: newId('client', office.ids),
      tenantId: tenant.id,
      name,
      status: 'active',
      limits: readLimits(limits),
    };
    await desk.insertClient(client);
    return { answer: viewClient(client), note: { tenant: tenant.id, client: client.id } };
  },
});

export const readTenantClient = look({
  method: 'get',
  path: ONE,
  summary: "Read a tenant's client, with its public keys",
  permission: 'client:read',
  reach: 'named tenant',
  event: 'admin.client.read',
  action: 'R',
  input: namedClient,
  output: clientCard,
  run: async ({ tenant: slug, client: id }, office) => {
    const tenant = await theTenant(office.registry, slug);
    const client = await theClient(office.registry, tenant.id, id);
    return { answer: viewClientCard(client), note: { tenant: tenant.id, client: client.id } };
  },
});

export const suspendClient = statusAct(
  'suspend',
  'suspended',
  'Suspend a client: its keys stop working within a second',
);
export const resumeClient = statusAct('resume', 'active', 'Let a suspended client call again');

function statusAct(verb: string, status: TenantStatus, summary: string): Act {
  return change({
    method: 'post',
    path: `${ONE}/${verb}`,
    summary,
    permission: 'client:write',
    reach: 'named tenant',
    event: `admin.client.${verb}`,
    action: 'U',
    status: 200,
    input: namedClient,
    output: clientView,
    run: async ({ tenant: slug, client: id }, desk, { actor }) => {
      const tenant = await theTenant(desk, slug);
      const client = await theClient(desk, tenant.id, id);
      if (status === 'active') requireResumable(client, actor);
      const now = await desk.setClientStatus(client.id, status, suspenderOf(actor));
      return { answer: viewClient(now), note: { tenant: tenant.id, client: client.id, status } };
    },
  });
}

/** Throws `not_found`. */
export async function theClient(registry: TenantReader, tenant: TenantId, text: string): Promise<ClientCard> {
  const id = readId('client', text);
  const client = id === undefined ? undefined : await registry.findClient(tenant, id);
  if (client === undefined) throw new Problem('not_found', { param: 'client' });
  return client;
}
