import { and, eq, gt, lte } from 'drizzle-orm';
import type { Claim, Claims, Holder } from '../../core/replay/claims.ts';
import type { Instant } from '../../domain/clock.ts';
import type { Database } from './database.ts';
import { idempotency } from './schema/idempotency.ts';
import { withProblems } from './storage-problem.ts';
import { withinMs } from './within.ts';

/** The claims of every replica, one row for each name. */
export function createReplayClaims(database: Database): Claims {
  const { vital } = database;
  const inTime = <T>(work: () => Promise<T>) => withProblems(() => withinMs(ANSWER_MS, work()));

  const holderOf = async (claim: Claim, now: Instant): Promise<Holder> => {
    const rows = await vital
      .select()
      .from(idempotency)
      .where(and(isNamed(claim), gt(idempotency.heldUntil, now)));
    return rows[0] === undefined ? { kind: 'nobody' } : holderIn(rows[0]);
  };

  return {
    claim: (claim, { now, until }) =>
      inTime(async () => {
        const row = { ...rowOf(claim), state: 'running' as const, heldUntil: until, answer: null };
        const { tenantId, clientId, keyHmac } = idempotency;
        const taken = await vital
          .insert(idempotency)
          .values(row)
          .onConflictDoUpdate({
            target: [tenantId, clientId, keyHmac],
            set: row,
            setWhere: lte(idempotency.heldUntil, now),
          })
          .returning({ requestId: idempotency.requestId });
        return taken.length > 0 ? { kind: 'us' } : holderOf(claim, now);
      }),
    look: (claim, now) => inTime(() => holderOf(claim, now)),
    finish: (claim, { answer, until }) =>
      inTime(async () => {
        const finished = {
          state: 'finished' as const,
          heldUntil: until,
          answer: answer && Buffer.from(answer),
        };
        await vital.update(idempotency).set(finished).where(isOurs(claim));
      }),
    release: (claim) =>
      inTime(async () => {
        await vital.delete(idempotency).where(isOurs(claim));
      }),
  };
}

const ANSWER_MS = 1_000;

type Row = typeof idempotency.$inferSelect;

function rowOf(claim: Claim) {
  return {
    tenantId: claim.tenant,
    clientId: claim.client,
    keyHmac: Buffer.from(claim.keyHmac),
    bodyHmac: Buffer.from(claim.bodyHmac),
    requestId: claim.requestId,
  };
}

function isNamed(claim: Claim) {
  const { tenantId, clientId, keyHmac } = rowOf(claim);
  return and(
    eq(idempotency.tenantId, tenantId),
    eq(idempotency.clientId, clientId),
    eq(idempotency.keyHmac, keyHmac),
  );
}

/** A request whose lease was over, and whose name another took, has nothing left to change. */
function isOurs(claim: Claim) {
  return and(isNamed(claim), eq(idempotency.requestId, claim.requestId), eq(idempotency.state, 'running'));
}

function holderIn({ state, bodyHmac, requestId, answer }: Row): Holder {
  return state === 'running'
    ? { kind: 'running', bodyHmac }
    : { kind: 'finished', bodyHmac, requestId, answer };
}
