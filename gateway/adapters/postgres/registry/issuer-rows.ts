import { sql } from 'drizzle-orm';
import type { PinnedIssuer } from '../../../core/tenants/issuer.ts';
import { newId } from '../../../domain/ids.ts';
import type { tenantIssuer } from '../schema/issuers.ts';

/** For the select list of a query on issuers: an object of bare uuids by name, read in the same snapshot. */
export const CLIENTS_OF_ISSUER = sql<Readonly<Record<string, string>> | null>`(
  SELECT jsonb_object_agg(named.subject, named.client_id)
  FROM issuer_client named WHERE named.issuer_id = tenant_issuer.id
)`;

export function toIssuer(
  row: typeof tenantIssuer.$inferSelect,
  clients: Readonly<Record<string, string>> | null,
): PinnedIssuer {
  const { id, tenantId, issuer, jwksUri, audience, algs, kind, status } = row;
  const named = Object.entries(clients ?? {}).map(
    ([subject, uuid]) => [subject, newId('client', { uuid: () => uuid })] as const,
  );
  return { id, tenantId, issuer, jwksUri, audience, algs, kind, status, clients: new Map(named) };
}
