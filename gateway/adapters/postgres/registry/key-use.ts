import { isIP } from 'node:net';
import { and, eq, isNull, lt, or } from 'drizzle-orm';
import { at, type Instant } from '../../../domain/clock.ts';
import type { KeyId } from '../../../domain/ids.ts';
import type { Handle } from '../database.ts';
import { apiKey } from '../schema/tenants.ts';
import { withProblems } from '../storage-problem.ts';

export interface KeyUse {
  readonly at: Instant;
  readonly address: string;
}

/** Notes when a key was used, to the minute, and from where: it writes at most once a minute for each key. */
export async function touchKey(handle: Handle, id: KeyId, use: KeyUse): Promise<void> {
  const { at: usedAt, address } = use;
  const unlessBefore = or(isNull(apiKey.lastUsedAt), lt(apiKey.lastUsedAt, at(usedAt - MINUTE_MS)));
  await withProblems(() =>
    handle
      .update(apiKey)
      .set({ lastUsedAt: usedAt, lastUsedIp: isIP(address) === 0 ? null : address })
      .where(and(eq(apiKey.id, id), unlessBefore)),
  );
}

const MINUTE_MS = 60_000;
