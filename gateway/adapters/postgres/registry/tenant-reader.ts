import { asc, desc, eq } from 'drizzle-orm';
import type { TenantReader } from '../../../core/tenants/tenant-registry.ts';
import type { Handle } from '../database.ts';
import { apiKey, client, operator, tenant } from '../schema/tenants.ts';
import { withProblems } from '../storage-problem.ts';
import { toClient, toKeyCard, toOperator, toTenant } from './tenant-rows.ts';

/** Reads tenants, through the database's handle or through a transaction, which sees its own changes. */
export function createTenantReader(handle: Handle): TenantReader {
  return {
    async listTenants() {
      const query = () => handle.select().from(tenant).orderBy(asc(tenant.slug)).limit(LIST_MAX);
      return (await withProblems(query)).map(toTenant);
    },
    async findTenant(slug) {
      const query = () => handle.select().from(tenant).where(eq(tenant.slug, slug)).limit(1);
      return (await withProblems(query)).map(toTenant)[0];
    },
    async listClients(tenantId) {
      const theirs = () => handle.select().from(client).where(eq(client.tenantId, tenantId));
      return (await withProblems(() => theirs().orderBy(asc(client.name)).limit(LIST_MAX))).map(toClient);
    },
    async listOperators() {
      const query = () => handle.select().from(operator).orderBy(asc(operator.name)).limit(LIST_MAX);
      return (await withProblems(query)).map(toOperator);
    },
    async listKeys(tenantId) {
      const theirs = () =>
        handle
          .select({ key: apiKey })
          .from(apiKey)
          .innerJoin(client, eq(client.id, apiKey.clientId))
          .where(eq(client.tenantId, tenantId));
      const newestFirst = () => theirs().orderBy(desc(apiKey.createdAt), asc(apiKey.id)).limit(LIST_MAX);
      return (await withProblems(newestFirst)).map(({ key }) => toKeyCard(key));
    },
  };
}

const LIST_MAX = 1_000;
