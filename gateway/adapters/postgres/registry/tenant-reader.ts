import { and, asc, desc, eq, isNull, or, type SQL } from 'drizzle-orm';
import type { TenantReader } from '../../../core/tenants/tenant-registry.ts';
import type { Handle } from '../database.ts';
import { tenantIssuer } from '../schema/issuers.ts';
import { apiKey, client, operator, tenant } from '../schema/tenants.ts';
import { withProblems } from '../storage-problem.ts';
import { CLIENTS_OF_ISSUER, toIssuer } from './issuer-rows.ts';
import { toClient, toClientCard, toKeyCard, toOperator, toPersonCard, toTenant } from './tenant-rows.ts';

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
    async findClient(tenantId, id) {
      const theirs = and(eq(client.id, id), eq(client.tenantId, tenantId));
      const query = () => handle.select().from(client).where(theirs).limit(1);
      return (await withProblems(query)).map(toClientCard)[0];
    },
    listOperators: () => people(handle, isNull(operator.tenantId)),
    listPeople: (tenantId) => people(handle, eq(operator.tenantId, tenantId)),
    async findPerson(tenantId, id) {
      const theirs = and(eq(operator.id, id), eq(operator.tenantId, tenantId));
      const query = () => handle.select().from(operator).where(theirs).limit(1);
      return (await withProblems(query)).map(toPersonCard)[0];
    },
    listKeys: (tenantId) => keys(handle, or(eq(client.tenantId, tenantId), eq(operator.tenantId, tenantId))),
    findKey: async (id) => (await keys(handle, eq(apiKey.id, id)))[0],
    async listIssuers(tenantId) {
      const theirs = () =>
        handle
          .select({ issuer: tenantIssuer, clients: CLIENTS_OF_ISSUER })
          .from(tenantIssuer)
          .where(eq(tenantIssuer.tenantId, tenantId));
      const newestFirst = () => theirs().orderBy(desc(tenantIssuer.id)).limit(LIST_MAX);
      return (await withProblems(newestFirst)).map(({ issuer, clients }) => toIssuer(issuer, clients));
    },
  };
}

async function people(handle: Handle, where: SQL | undefined) {
  const query = () => handle.select().from(operator).where(where).orderBy(asc(operator.name)).limit(LIST_MAX);
  return (await withProblems(query)).map(toOperator);
}

/** With whose they are, newest first. */
async function keys(handle: Handle, where: SQL | undefined) {
  const query = () =>
    handle
      .select({ key: apiKey, ofClient: client.tenantId, ofPerson: operator.tenantId })
      .from(apiKey)
      .leftJoin(client, eq(client.id, apiKey.clientId))
      .leftJoin(operator, eq(operator.id, apiKey.operatorId))
      .where(where)
      .orderBy(desc(apiKey.createdAt), asc(apiKey.id))
      .limit(LIST_MAX);
  return (await withProblems(query)).map(({ key, ofClient, ofPerson }) =>
    toKeyCard(key, ofClient ?? ofPerson),
  );
}

const LIST_MAX = 1_000;
