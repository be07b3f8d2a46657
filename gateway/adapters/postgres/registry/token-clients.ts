import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { RegisteredKey } from '../../../core/tokens/registered-key.ts';
import type { TokenClients } from '../../../pipeline/issuing-desk.ts';
import type { Database } from '../database.ts';
import { client, tenant } from '../schema/tenants.ts';
import { withProblems } from '../storage-problem.ts';
import { withinMs } from '../within.ts';
import { toClient, toTenant } from './tenant-rows.ts';

/** Clients with the keys that they registered, read anew each time: a suspension counts at once. */
export function createTokenClients({ vital }: Database): TokenClients {
  return {
    async findTokenClient(id) {
      const query = vital
        .select({ client, tenant })
        .from(client)
        .innerJoin(tenant, eq(tenant.id, client.tenantId))
        .where(eq(client.id, id))
        .limit(1);
      const [row] = await withProblems(() => withinMs(ANSWER_MS, query.execute()));
      if (row === undefined) return undefined;
      return { tenant: toTenant(row.tenant), client: toClient(row.client), keys: keysIn(row.client.jwks) };
    },
  };
}

const ANSWER_MS = 1_000;

const text = z.string().max(4_096).optional();
const registeredKey = z.object({
  kty: z.string().max(16),
  kid: text,
  alg: text,
  use: text,
  key_ops: z.array(z.string().max(32)).max(16).optional(),
  crv: text,
  x: text,
  y: text,
  n: text,
  e: text,
});
const keySet = z.object({ keys: z.array(z.unknown()).max(100) });

/** Of a set the keys that can be understood (RFC 7517 section 5 asks to ignore the others). */
function keysIn(jwks: unknown): readonly RegisteredKey[] {
  const set = keySet.safeParse(jwks);
  if (!set.success) return [];
  return set.data.keys.flatMap((key) => {
    const parsed = registeredKey.safeParse(key);
    return parsed.success ? [parsed.data] : [];
  });
}
