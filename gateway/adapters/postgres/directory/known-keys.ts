import { and, asc, eq, gt, or, type SQL, sql } from 'drizzle-orm';
import type { KeyHolder, KnownKey } from '../../../core/tenants/tenant.ts';
import type { KeyId } from '../../../domain/ids.ts';
import type { Handle } from '../database.ts';
import { toApiKey, toClient, toOperator, toTenant } from '../registry/tenant-rows.ts';
import { apiKey, client, operator, tenant } from '../schema/tenants.ts';
import { addressRule } from './address-rule.ts';
import { EPOCH_OF_SNAPSHOT } from './epoch-watch.ts';
import { type Kind, PAGE_MAX, type Reading } from './shelf.ts';

/** A key with all that decides about it. */
export const KEYS: Kind<KeyId, KnownKey> = {
  nameOf: (known) => known.key.id,
  idOf: (known) => known.key.id,
  isActive,
  read: async (handle, id) => (await selectKeys(handle, eq(apiKey.id, id)).limit(1)).map(toReading)[0],
  readChanged: async (handle, epoch, after) => {
    const changed = or(
      gt(apiKey.changedEpoch, epoch),
      gt(client.changedEpoch, epoch),
      gt(tenant.changedEpoch, epoch),
      gt(operator.changedEpoch, epoch),
    );
    const rows = await selectKeys(handle, and(changed, gt(apiKey.id, after)))
      .orderBy(asc(apiKey.id))
      .limit(PAGE_MAX);
    return rows.map(toReading);
  },
};

/** Neither revoked nor suspended; its times of validity aside. */
function isActive({ key, holder }: KnownKey): boolean {
  if (key.revokedAt !== null) return false;
  const { status } = holder.kind === 'operator' ? holder.operator : holder.client;
  return status === 'active' && (holder.tenant === null || holder.tenant.status === 'active');
}

function selectKeys(handle: Handle, where: SQL | undefined) {
  return handle
    .select({ key: apiKey, client, tenant, operator, epoch: EPOCH_OF_SNAPSHOT })
    .from(apiKey)
    .leftJoin(client, eq(client.id, apiKey.clientId))
    .leftJoin(operator, eq(operator.id, apiKey.operatorId))
    .leftJoin(tenant, eq(tenant.id, sql`coalesce(${client.tenantId}, ${operator.tenantId})`))
    .where(where)
    .$dynamic();
}

type KeyRow = Awaited<ReturnType<typeof selectKeys>>[number];

function toReading(row: KeyRow): Reading<KnownKey> {
  const known = {
    key: toApiKey(row.key),
    holder: toHolder(row),
    allowsAddress: addressRule(row.key.cidrs),
  };
  return { known, epoch: row.epoch };
}

function toHolder(row: KeyRow): KeyHolder {
  if (row.tenant !== null && row.client !== null) {
    return { kind: 'client', tenant: toTenant(row.tenant), client: toClient(row.client) };
  }
  if (row.operator !== null) {
    const { tenant: theirs } = row;
    return {
      kind: 'operator',
      operator: toOperator(row.operator),
      tenant: theirs === null ? null : toTenant(theirs),
    };
  }
  throw new Error('a key without a holder');
}
