import { and, asc, eq, gt, type SQL } from 'drizzle-orm';
import type { PinnedIssuer } from '../../../core/tenants/issuer.ts';
import type { IssuerId } from '../../../domain/ids.ts';
import type { Handle } from '../database.ts';
import { CLIENTS_OF_ISSUER, toIssuer } from '../registry/issuer-rows.ts';
import { tenantIssuer } from '../schema/issuers.ts';
import { EPOCH_OF_SNAPSHOT } from './epoch-watch.ts';
import { type Kind, PAGE_MAX, type Reading } from './shelf.ts';

/** The pinning of an issuer that counts now. */
export const ISSUERS: Kind<string, PinnedIssuer> = {
  nameOf: (known) => known.issuer,
  idOf: (known) => known.id,
  isActive: (known) => known.status === 'active',
  read: async (handle, issuer) => {
    const isIt = and(eq(tenantIssuer.issuer, issuer), eq(tenantIssuer.status, 'active'));
    return (await selectIssuers(handle, isIt).limit(1)).map(toReading)[0];
  },
  readChanged: async (handle, epoch, after) => {
    const changed = gt(tenantIssuer.changedEpoch, epoch);
    const rest = after === '' ? changed : and(changed, gt(tenantIssuer.id, after as IssuerId)); // as for clients
    return (await selectIssuers(handle, rest).orderBy(asc(tenantIssuer.id)).limit(PAGE_MAX)).map(toReading);
  },
};

function selectIssuers(handle: Handle, where: SQL | undefined) {
  return handle
    .select({ issuer: tenantIssuer, clients: CLIENTS_OF_ISSUER, epoch: EPOCH_OF_SNAPSHOT })
    .from(tenantIssuer)
    .where(where)
    .$dynamic();
}

function toReading(row: Awaited<ReturnType<typeof selectIssuers>>[number]): Reading<PinnedIssuer> {
  return { known: toIssuer(row.issuer, row.clients), epoch: row.epoch };
}
