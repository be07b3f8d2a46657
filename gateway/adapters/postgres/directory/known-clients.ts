import { and, asc, eq, gt, or, type SQL } from 'drizzle-orm';
import type { ClientHolder } from '../../../core/tenants/tenant.ts';
import type { ClientId } from '../../../domain/ids.ts';
import type { Handle } from '../database.ts';
import { toClient, toTenant } from '../registry/tenant-rows.ts';
import { client, tenant } from '../schema/tenants.ts';
import { EPOCH_OF_SNAPSHOT } from './epoch-watch.ts';
import { type Kind, PAGE_MAX, type Reading } from './shelf.ts';

/** A client with its tenant. */
export const CLIENTS: Kind<ClientId, ClientHolder> = {
  nameOf: (known) => known.client.id,
  idOf: (known) => known.client.id,
  isActive: (known) => known.tenant.status === 'active' && known.client.status === 'active',
  read: async (handle, id) => (await selectClients(handle, eq(client.id, id)).limit(1)).map(toReading)[0],
  readChanged: async (handle, epoch, after) => {
    const changed = or(gt(client.changedEpoch, epoch), gt(tenant.changedEpoch, epoch));
    const rest = after === '' ? changed : and(changed, gt(client.id, after as ClientId)); // an id of the page before
    return (await selectClients(handle, rest).orderBy(asc(client.id)).limit(PAGE_MAX)).map(toReading);
  },
};

function selectClients(handle: Handle, where: SQL | undefined) {
  return handle
    .select({ client, tenant, epoch: EPOCH_OF_SNAPSHOT })
    .from(client)
    .innerJoin(tenant, eq(tenant.id, client.tenantId))
    .where(where)
    .$dynamic();
}

function toReading(row: Awaited<ReturnType<typeof selectClients>>[number]): Reading<ClientHolder> {
  const known = { kind: 'client', tenant: toTenant(row.tenant), client: toClient(row.client) } as const;
  return { known, epoch: row.epoch };
}
