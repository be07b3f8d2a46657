import { and, eq, isNull } from 'drizzle-orm';
import type { ApiKey, Client, Operator, Tenant } from '../../../core/tenants/tenant.ts';
import type { TenantRegistry } from '../../../core/tenants/tenant-registry.ts';
import type { ClientId, OperatorId } from '../../../domain/ids.ts';
import { readId } from '../../../domain/ids.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Transaction } from '../database.ts';
import { apiKey, client, operator, tenant } from '../schema/tenants.ts';
import { withProblems } from '../storage-problem.ts';
import { createTenantReader } from './tenant-reader.ts';
import { toApiKey, toClient, toOperator, toTenant } from './tenant-rows.ts';

/** Changes tenants inside a transaction; triggers move the directory's epoch and notify when it commits. */
export function createTenantRegistry(tx: Transaction): TenantRegistry {
  return {
    ...createTenantReader(tx),
    async insertTenant(created) {
      await withProblems(() => tx.insert(tenant).values(tenantRow(created)));
    },
    async setTenantStatus(slug, status) {
      const change = tx.update(tenant).set({ status }).where(eq(tenant.slug, slug)).returning();
      return toTenant(await theRow(change));
    },
    async insertClient(created, jwks) {
      await withProblems(() => tx.insert(client).values({ ...clientRow(created), jwks: jwks ?? null }));
    },
    async setClientStatus(id, status) {
      return toClient(await theRow(tx.update(client).set({ status }).where(eq(client.id, id)).returning()));
    },
    async insertOperator(created) {
      await withProblems(() => tx.insert(operator).values(operatorRow(created)));
    },
    async setOperatorStatus(id, status) {
      const change = tx.update(operator).set({ status }).where(eq(operator.id, id)).returning();
      return toOperator(await theRow(change));
    },
    async insertKey(key, holder, createdBy) {
      await withProblems(() => tx.insert(apiKey).values({ ...keyRow(key, holder), createdBy }));
    },
    async revokeKey(id, revokedAt) {
      const unrevoked = and(eq(apiKey.id, id), isNull(apiKey.revokedAt));
      return toApiKey(await theRow(tx.update(apiKey).set({ revokedAt }).where(unrevoked).returning()));
    },
  };
}

/** The row that a change met; throws `not_found` when it met none. */
async function theRow<Row>(change: PromiseLike<readonly Row[]>): Promise<Row> {
  const [row] = await withProblems(async () => await change);
  if (row === undefined) throw new Problem('not_found');
  return row;
}

function tenantRow({ limits, ...row }: Tenant): typeof tenant.$inferInsert {
  return { ...row, ...limits };
}

function clientRow({ limits, ...row }: Client): typeof client.$inferInsert {
  return { ...row, ...limits };
}

function operatorRow({ id, name, role, status }: Operator): typeof operator.$inferInsert {
  return { id, name, role, status };
}

function keyRow(key: ApiKey, holder: ClientId | OperatorId) {
  return {
    ...key,
    secretHmac: Buffer.from(key.secretHmac),
    scopes: [...key.scopes],
    cidrs: [...key.cidrs],
    clientId: readId('client', holder) ?? null,
    operatorId: readId('operator', holder) ?? null,
  };
}
