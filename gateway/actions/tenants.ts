import { createTenant, namedTenant, noInput, tenantList, tenantView } from '../contract/admin.ts';
import type { Tenant, TenantStatus } from '../core/tenants/tenant.ts';
import type { TenantReader } from '../core/tenants/tenant-registry.ts';
import { newId, readSlug, type TenantSlug } from '../domain/ids.ts';
import { Problem } from '../domain/problem.ts';
import { type Act, change, look } from './action.ts';

import { readLimits, viewTenant } from './views.ts';

const ALL = '/admin/v1/tenants';
const ONE = `${ALL}/:tenant`;

export const listAllTenants = look({
  method: 'get',
  path: ALL,
  summary: 'List tenants',
  permission: 'tenant:read',
  reach: 'owner',
  event: 'admin.tenant.list',
  action: 'R',
  input: noInput,
  output: tenantList,
  run: async (_, office) => {
    const tenants = await office.registry.listTenants();
    return { answer: { data: tenants.map(viewTenant) }, note: { rows: tenants.length } };
  },
});

export const readTenant = look({
  method: 'get',
  path: ONE,
  summary: 'Read a tenant',
  permission: 'tenant:read',
  reach: 'named tenant',
  event: 'admin.tenant.read',
  action: 'R',
  input: namedTenant,
  output: tenantView,
  run: async ({ tenant: slug }, office) => {
    const tenant = await theTenant(office.registry, slug);
    return { answer: viewTenant(tenant), note: { tenant: tenant.id } };
  },
});

export const createNewTenant = change({
  method: 'post',
  path: ALL,
  summary: 'Create a tenant',
  permission: 'tenant:write',
  reach: 'owner',
  event: 'admin.tenant.create',
  action: 'C',
  status: 201,
  input: createTenant,
  output: tenantView,
  run: async (input, desk, { office }) => {
    const { slug, name, tier, region, default_purpose, pinned_version, limits } = input;
    // A pin to nothing would silently mean the newest version.
    if (pinned_version !== null && !office.models.versions().some(({ id }) => id === pinned_version))
      throw new Problem('invalid_parameter', { param: 'pinned_version' });
    const tenant: Tenant = {
      id: newId('tenant', office.ids),
      slug: theSlug(slug),
      name,
      tier,
      status: 'active',
      region,
      defaultPurpose: default_purpose,
      pinnedVersion: pinned_version,
      limits: readLimits(limits),
    };
    await desk.insertTenant(tenant);
    return { answer: viewTenant(tenant), note: { tenant: tenant.id, tier, region, status: tenant.status } };
  },
});

export const suspendTenant = statusAct(
  'suspend',
  'suspended',
  'Suspend a tenant: its keys stop working within a second',
);
export const reinstateTenant = statusAct('reinstate', 'active', 'Reinstate a suspended tenant');

function statusAct(verb: string, status: TenantStatus, summary: string): Act {
  return change({
    method: 'post',
    path: `${ONE}/${verb}`,
    summary,
    permission: 'tenant:write',
    reach: 'owner',
    event: `admin.tenant.${verb}`,
    action: 'U',
    status: 200,
    input: namedTenant,
    output: tenantView,
    run: async ({ tenant: slug }, desk) => {
      const tenant = await desk.setTenantStatus(theSlug(slug), status);
      return { answer: viewTenant(tenant), note: { tenant: tenant.id, status } };
    },
  });
}

/** Throws `not_found`. */
export async function theTenant(registry: TenantReader, slug: string): Promise<Tenant> {
  const tenant = await registry.findTenant(theSlug(slug));
  if (tenant === undefined) throw new Problem('not_found');
  return tenant;
}

function theSlug(text: string): TenantSlug {
  const slug = readSlug(text);
  if (slug === undefined) throw new Problem('not_found');
  return slug;
}
