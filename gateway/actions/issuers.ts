import { issuerList, issuerView, namedIssuer, namedTenant, pinIssuer } from '../contract/admin.ts';
import type { PinnedIssuer } from '../core/tenants/issuer.ts';
import type { TenantReader } from '../core/tenants/tenant-registry.ts';
import { type ClientId, newId, readId, type TenantId } from '../domain/ids.ts';
import { Problem } from '../domain/problem.ts';
import type { IssuerKind, TokenAlg } from '../domain/vocabulary.ts';
import { change, look } from './action.ts';
import { theTenant } from './tenants.ts';
import { viewIssuer } from './views.ts';

const OF_TENANT = '/admin/v1/tenants/:tenant/issuers';

export const listTenantIssuers = look({
  method: 'get',
  path: OF_TENANT,
  summary: 'List the identity providers whose tokens a tenant may use',
  permission: 'tenant:read',
  reach: 'named tenant',
  event: 'admin.issuer.list',
  action: 'R',
  input: namedTenant,
  output: issuerList,
  run: async ({ tenant: slug }, office) => {
    const tenant = await theTenant(office.registry, slug);
    const issuers = await office.registry.listIssuers(tenant.id);
    return { answer: { data: issuers.map(viewIssuer) }, note: { tenant: tenant.id, rows: issuers.length } };
  },
});

export const pinTenantIssuer = change({
  method: 'post',
  path: OF_TENANT,
  summary: 'Let the clients of a tenant use access tokens of an identity provider',
  permission: 'tenant:write',
  reach: 'owner',
  event: 'admin.issuer.pin',
  action: 'C',
  status: 201,
  input: pinIssuer,
  output: issuerView,
  run: async (input, desk, { office }) => {
    const { tenant: slug, issuer, jwks_uri: jwksUri, audience, kind, algs = USUAL[kind] } = input;
    const tenant = await theTenant(desk, slug);
    const clients = await clientsNamed(desk, tenant.id, input.clients);
    const id = newId('issuer', office.ids);
    const pinned: PinnedIssuer = {
      id,
      tenantId: tenant.id,
      issuer,
      jwksUri,
      audience,
      algs: [...new Set(algs)],
      kind,
      status: 'active',
      clients,
    };
    await desk.insertIssuer(pinned);
    const note = { tenant: tenant.id, issuer: id, kind, algs: pinned.algs, clients: [...clients.values()] };
    return { answer: viewIssuer(pinned), note };
  },
});

export const removeTenantIssuer = change({
  method: 'post',
  path: '/admin/v1/issuers/:issuer/remove',
  summary:
    'Take an identity provider away: its tokens stop working within a second, answers under way included',
  permission: 'tenant:write',
  reach: 'owner',
  event: 'admin.issuer.remove',
  action: 'D',
  status: 200,
  input: namedIssuer,
  output: issuerView,
  run: async ({ issuer }, desk) => {
    const id = readId('issuer', issuer);
    if (id === undefined) throw new Problem('not_found');
    const removed = await desk.removeIssuer(id);
    return { answer: viewIssuer(removed), note: { tenant: removed.tenantId, issuer: id } };
  },
});

/** What a provider may sign with when nobody says; RS256 only where it has nothing else. */
const USUAL: Readonly<Record<IssuerKind, readonly TokenAlg[]>> = {
  generic: ['ES384', 'ES256', 'PS256', 'RS384'],
  entra: ['RS256'],
};

/** Throws `not_found` for a client that is not the tenant's, and `invalid_parameter` for a name that comes twice. */
async function clientsNamed(
  registry: TenantReader,
  tenant: TenantId,
  names: readonly { readonly subject: string; readonly client: string }[],
): Promise<ReadonlyMap<string, ClientId>> {
  const theirs = await registry.listClients(tenant);
  const pairs = names.map(({ subject, client }) => {
    const found = theirs.find(({ id }) => id === client);
    if (found === undefined) throw new Problem('not_found', { param: 'clients' });
    return [subject, found.id] as const;
  });
  const clients = new Map(pairs);
  if (clients.size < names.length) throw new Problem('invalid_parameter', { param: 'clients' });
  return clients;
}
