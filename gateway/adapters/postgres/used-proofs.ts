import { lte } from 'drizzle-orm';
import type { UsedProofs } from '../../core/tenants/used-proofs.ts';
import type { Instant } from '../../domain/clock.ts';
import type { Database } from './database.ts';
import { usedProof } from './schema/issuers.ts';
import { withProblems } from './storage-problem.ts';
import { withinMs } from './within.ts';

/** The proofs that any replica has seen used, one row for each. */
export function createUsedProofs({ vital }: Database): UsedProofs {
  return {
    useOnce: (name, { now, until: heldUntil }) =>
      withProblems(async () => {
        const taking = vital
          .insert(usedProof)
          .values({ nameHash: Buffer.from(name, 'base64url'), heldUntil })
          .onConflictDoUpdate({
            target: usedProof.nameHash,
            set: { heldUntil },
            setWhere: lte(usedProof.heldUntil, now),
          })
          .returning({ heldUntil: usedProof.heldUntil });
        return (await withinMs(ANSWER_MS, taking.execute())).length > 0;
      }),
  };
}

const ANSWER_MS = 1_000;

/** Deletes what need not be remembered any longer. Any replica may, also at once. */
export async function forgetProofs({ handle }: Database, now: Instant): Promise<void> {
  await withProblems(async () => void (await handle.delete(usedProof).where(lte(usedProof.heldUntil, now))));
}
