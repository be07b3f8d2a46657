import { and, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { ApiKey, Client, Operator, Tenant, TenantStatus } from '../../../core/tenants/tenant.ts';
import type { Rotation, Suspender, TenantRegistry } from '../../../core/tenants/tenant-registry.ts';
import { isoTime } from '../../../domain/clock.ts';
import type { ClientId, OperatorId } from '../../../domain/ids.ts';
import { readId } from '../../../domain/ids.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Transaction } from '../database.ts';
import { issuerClient, tenantIssuer } from '../schema/issuers.ts';
import { apiKey, client, operator, tenant } from '../schema/tenants.ts';
import { withProblems } from '../storage-problem.ts';
import { toIssuer } from './issuer-rows.ts';
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
    async setClientJwks(id, jwks) {
      await theRow(tx.update(client).set({ jwks }).where(eq(client.id, id)).returning());
    },
    async setClientStatus(id, status, by = 'owner') {
      const change = tx.update(client).set({ status, suspendedBy: suspender(status, by) });
      const met = and(eq(client.id, id), mayBeSet(client, { status, by }));
      return toClient(await theRow(change.where(met).returning()));
    },
    async insertOperator(created) {
      await withProblems(() => tx.insert(operator).values(operatorRow(created)));
    },
    async setOperatorStatus(id, status, by = 'owner') {
      const change = tx.update(operator).set({ status, suspendedBy: suspender(status, by) });
      const met = and(eq(operator.id, id), mayBeSet(operator, { status, by }));
      return toOperator(await theRow(change.where(met).returning()));
    },
    async insertKey(key, holder, createdBy) {
      await withProblems(() => tx.insert(apiKey).values({ ...keyRow(key, holder), createdBy }));
    },
    async revokeKey(id, revokedAt) {
      const unrevoked = and(eq(apiKey.id, id), isNull(apiKey.revokedAt));
      return toApiKey(await theRow(tx.update(apiKey).set({ revokedAt }).where(unrevoked).returning()));
    },
    rotateKey: (rotation) => rotateKey(tx, rotation),
    async insertIssuer({ clients, ...issuer }) {
      await withProblems(() => tx.insert(tenantIssuer).values({ ...issuer, algs: [...issuer.algs] }));
      const rows = [...clients].map(([subject, clientId]) => ({ issuerId: issuer.id, subject, clientId }));
      if (rows.length > 0) await withProblems(() => tx.insert(issuerClient).values(rows));
    },
    async removeIssuer(id) {
      const active = and(eq(tenantIssuer.id, id), eq(tenantIssuer.status, 'active'));
      const removed = tx.update(tenantIssuer).set({ status: 'removed' }).where(active).returning();
      return toIssuer(await theRow(removed), null);
    },
  };
}

/** The update comes first: it locks the older key, so that of two rotations at once the later one sees the earlier. */
async function rotateKey(
  tx: Transaction,
  { old, oldExpiresAt, fresh, createdBy }: Rotation,
): Promise<ApiKey> {
  const unrevoked = and(eq(apiKey.id, old.id), isNull(apiKey.revokedAt));
  const expiresAt = sql`least(${apiKey.expiresAt}, ${isoTime(oldExpiresAt)}::timestamptz)`;
  const row = await theRow(tx.update(apiKey).set({ expiresAt }).where(unrevoked).returning());
  const second = and(eq(apiKey.rotatedFrom, old.id), isNull(apiKey.revokedAt));
  const found = await withProblems(() => tx.select({ id: apiKey.id }).from(apiKey).where(second).limit(1));
  if (found.length > 0) throw new Problem('already_exists', { param: 'key' });
  const values = { ...keyRow(fresh, old.holder), createdBy, rotatedFrom: old.id };
  await withProblems(() => tx.insert(apiKey).values(values));
  return toApiKey(row);
}

/** The owner's word stands over the tenant's. */
function suspender(status: TenantStatus, by: Suspender) {
  if (status === 'active') return null;
  return by === 'owner'
    ? by
    : sql`coalesce(suspended_by, CASE status WHEN 'active' THEN 'tenant' ELSE 'owner' END)`;
}

function mayBeSet(
  row: { readonly status: AnyPgColumn; readonly suspendedBy: AnyPgColumn },
  { status, by }: { readonly status: TenantStatus; readonly by: Suspender },
): SQL | undefined {
  if (by === 'owner' || status === 'suspended') return undefined;
  return or(eq(row.suspendedBy, 'tenant'), eq(row.status, 'active'));
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

function operatorRow({ id, name, role, status, tenantId }: Operator): typeof operator.$inferInsert {
  return { id, name, role, status, tenantId };
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
