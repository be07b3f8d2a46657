import type { Database } from './adapters/postgres/database.ts';
import { touchKey } from './adapters/postgres/registry/key-use.ts';
import { forgetReplays, freeRunning } from './adapters/postgres/replay-sweep.ts';
import { forgetSpentNames } from './adapters/postgres/spent-names.ts';
import { sweepAbandoned } from './adapters/postgres/sweeper.ts';
import { forgetProofs } from './adapters/postgres/used-proofs.ts';
import { every, systemIds } from './adapters/system/system.ts';
import type { Logger } from './adapters/telemetry/logger.ts';
import { aggregateRecord } from './core/ledger/aggregate-record.ts';
import { type Aggregate, FloodGuard } from './core/ledger/flood-guard.ts';
import type { Clock } from './domain/clock.ts';
import type { KeyId } from './domain/ids.ts';
import type { House, Origin } from './pipeline/house.ts';

const SWEEP_MS = 60_000;
const ABANDONED_MS = 600_000;
const FLOOD_TICK_MS = 5_000;
/** A flood from many addresses must leave room in the ledger's queue for everyone else. */
const AGGREGATES_AT_ONCE = 100;
const KEY_USE_MS = 30_000;
const KEYS_IN_USE_MAX = 10_000;

/** What background work needs; it ends when the stack is disposed of. */
export interface Upkeep {
  readonly clock: Clock;
  readonly stack: AsyncDisposableStack;
  readonly log: Logger;
}

/** Counts floods, and appends what was counted when their minute is over and when the gateway stops. */
export function guardAgainstFloods(
  parts: Upkeep & Pick<House, 'ids' | 'ledger' | 'origin'>,
): House['refusals'] {
  const { clock, ids, ledger, origin, stack, log } = parts;
  const guard = new FloodGuard();
  const append = (aggregate: Aggregate) => {
    const { replica, boot, build } = origin;
    const about = { ids, now: clock.now(), origin: { replica, boot, build, n: origin.next() } };
    return ledger.append(aggregateRecord(aggregate, about)).catch((fault: unknown) => {
      guard.restore(aggregate);
      throw fault;
    });
  };
  const record = async (aggregates: readonly Aggregate[]) => {
    const left = [...aggregates];
    try {
      while (left.length > 0) await Promise.all(left.splice(0, AGGREGATES_AT_ONCE).map(append));
    } finally {
      for (const aggregate of left) guard.restore(aggregate);
    }
  };
  const onFault = (fault: unknown) => log.fault({ id: 'floods', route: 'aggregate' }, fault);
  stack.defer(() => record(guard.collectAll()).catch(onFault));
  stack.use(every(FLOOD_TICK_MS, () => record(guard.collect(clock.now())), onFault));
  return {
    deservesOwnRecord: (source, code) => guard.admit(source, code, clock.now()),
    waitMs: (address) => guard.waitMs(address, clock.now()),
  };
}

/** Gathers which keys were used, and from where at last, and writes that down now and then; losing the last half minute of it harms nobody. */
export function rememberUse(database: Database, { clock, stack, log }: Upkeep): House['noteUse'] {
  const used = new Map<KeyId, string>();
  const write = async () => {
    const uses = [...used];
    used.clear();
    for (const [id, address] of uses) await touchKey(database.handle, id, { at: clock.now(), address });
  };
  stack.use(every(KEY_USE_MS, write, (fault) => log.fault({ id: 'keys', route: 'use' }, fault)));
  return (id, address) => void ((used.size < KEYS_IN_USE_MAX || used.has(id)) && used.set(id, address));
}

/** Embedded storage has one process at a time, so what is open when it starts will never end: it is swept at once. */
export async function keepSweeping(
  database: Database,
  { clock, origin, stack, log }: Upkeep & { origin: Origin },
): Promise<void> {
  const sweep = async (olderThanMs: number) => {
    const count = await sweepAbandoned(database, { olderThanMs, clock, ids: systemIds, origin });
    if (count > 0) log.notice('abandoned', { records: count });
  };
  const onFault = (fault: unknown) => log.fault({ id: 'sweeper', route: 'sweep' }, fault);
  await sweep(database.kind === 'pglite' ? 0 : ABANDONED_MS);
  stack.use(every(SWEEP_MS, () => sweep(ABANDONED_MS), onFault));
}

/** Deletes kept answers, spent names and used proofs when their time is over; of embedded storage, what holds a key when it starts will never end. */
export async function keepForgetting(database: Database, { clock, stack, log }: Upkeep): Promise<void> {
  if (database.kind === 'pglite') await freeRunning(database);
  const forget = async () => {
    await forgetReplays(database, clock.now());
    await forgetSpentNames(database, clock.now());
  };
  stack.use(every(SWEEP_MS, forget, (fault) => log.fault({ id: 'replays', route: 'forget' }, fault)));
  const forgetUsed = () => forgetProofs(database, clock.now());
  stack.use(every(SWEEP_MS, forgetUsed, (fault) => log.fault({ id: 'proofs', route: 'forget' }, fault)));
}

/** Makes each next signing key in time. */
export function keepRotating(
  keys: { tend(): Promise<void> },
  { stack, log }: Pick<Upkeep, 'stack' | 'log'>,
): void {
  const onFault = (fault: unknown) => log.fault({ id: 'signing-keys', route: 'rotate' }, fault);
  stack.use(every(SWEEP_MS, () => keys.tend(), onFault));
}
