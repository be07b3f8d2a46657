import { clientList, clientView, createClient, namedTenant } from '../contract/admin.ts';
import type { Client } from '../core/tenants/tenant.ts';
import { newId } from '../domain/ids.ts';
import { change, look } from './action.ts';
import { theTenant } from './tenants.ts';
import { readLimits, viewClient } from './views.ts';

const PATH = '/admin/v1/tenants/:tenant/clients';

export const listTenantClients = look({
  method: 'get',
  path: PATH,
  summary: "List a tenant's clients",
  permission: 'tenant:read',
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
  permission: 'tenant:write',
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
