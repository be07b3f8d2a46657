import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../../gateway/adapters/postgres/database.ts';
import { openDatabase } from '../../gateway/adapters/postgres/open-database.ts';
import { sweepAbandoned } from '../../gateway/adapters/postgres/sweeper.ts';
import { createOrigin, systemClock, systemIds } from '../../gateway/adapters/system/system.ts';
import { callsIn } from '../world.ts';
import { ask } from './ask.ts';
import { type Spawned, spawnGateway } from './spawned.ts';

export interface KillRounds {
  readonly dataDir: string;
  readonly kills: number;
  /** At once, each asking again as soon as it was answered. */
  readonly callers: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What callers hold in their hands: answers that they have read to the end, and refusals. */
export interface Held {
  readonly answered: Set<string>;
  readonly refused: Set<string>;
}

/** Starts the gateway again and again on the same storage, loads it, and kills it in the midst of work. */
export async function killInTheMidst(rounds: KillRounds): Promise<Held> {
  const { dataDir, kills, callers, environment } = rounds;
  const held: Held = { answered: new Set(), refused: new Set() };
  for (let killed = 0; killed < kills; killed += 1) {
    await using gateway = await spawnGateway(dataDir, environment);
    const answeredBefore = held.answered.size;
    const load = Array.from({ length: callers }, (_, caller) => askUntilDead(gateway, caller, held));
    while (held.answered.size < answeredBefore + callers) await wait(2);
    await wait(Math.random() * 150);
    await gateway.end('SIGKILL');
    await Promise.all(load);
  }
  const last = await spawnGateway(dataDir, environment);
  assert.equal(await last.end('SIGTERM'), 0, 'after all of it the gateway starts and ends in order');
  return held;
}

async function askUntilDead({ url, demo }: Spawned, caller: number, held: Held): Promise<void> {
  const key = demo.tenants.northwind?.apiKey ?? '';
  for (let turn = caller; ; turn += 1) {
    const denied: Record<string, string> = turn % 5 === 0 ? { 'x-stewardgate-purpose': 'HMARKT' } : {};
    try {
      const reply = await ask(
        { url, key, headers: denied },
        { content: `question ${turn}`, stream: turn % 2 === 0 },
      );
      if (reply.status === 403) held.refused.add(reply.id);
      const isWhole = reply.status === 200 && (turn % 2 !== 0 || reply.stream.isDone);
      if (isWhole) held.answered.add(reply.id);
    } catch {
      return; // the connection is gone with the gateway
    }
  }
}

export interface Storage {
  /** Where the gateways ran; the embedded engine's folder is in the first. */
  readonly dataDirs: readonly [string, ...string[]];
  readonly url?: string;
}

/** The laws that no kill may break; the storage must not be in use by another process when it is embedded. */
export async function assertNothingLost(held: Held, { dataDirs, url }: Storage): Promise<void> {
  const folder = { dataDir: join(dataDirs[0], 'database') };
  await using database = await openDatabase(url === undefined ? folder : { ...folder, url });
  await sweep(database);
  const found = await read(database);
  for (const id of held.answered) {
    assert.equal(count(found.decided, id), 1, `${id} was answered without a decision on record`);
    assert.equal(count(found.completed, id), 1, `${id} was answered without its last record`);
    assert.equal(count(found.metered, id), 1, `${id} was answered and not metered once`);
  }
  for (const id of held.refused) assert.equal(count(found.single, id), 1, `${id} was refused unrecorded`);
  for (const id of dataDirs.flatMap((dir) => callsIn(join(dir, 'simulated-calls.log'))))
    assert.equal(count(found.decided, id), 1, `the model was asked for ${id} without a decision on record`);
  assertPaired(found);
}

/** What the last start has left for later, because a replica might still be at it. */
async function sweep(database: Database): Promise<void> {
  const origin = createOrigin('test');
  await sweepAbandoned(database, { olderThanMs: 0, clock: systemClock, ids: systemIds, origin });
}

type Counts = ReadonlyMap<string, number>;
type Found = Readonly<Record<'decided' | 'completed' | 'abandoned' | 'single' | 'metered', Counts>>;

const count = (counts: Counts, id: string) => counts.get(id) ?? 0;

/** Every decided request has one end and one metered line, and nothing else has either. */
function assertPaired({ decided, completed, abandoned, single, metered }: Found): void {
  for (const [id, decisions] of decided) {
    assert.equal(decisions, 1, `${id} was decided twice`);
    assert.equal(count(completed, id) + count(abandoned, id), 1, `${id} has not one end`);
    assert.equal(count(metered, id), 1, `${id} has not one metered line`);
    assert.equal(count(single, id), 0, `${id} was decided and also refused`);
  }
  for (const id of [...completed.keys(), ...abandoned.keys(), ...metered.keys()])
    assert.ok(decided.has(id), `${id} ended without a decision on record`);
  for (const [id, records] of single) assert.equal(records, 1, `${id} has two last records`);
}

async function read(database: Database): Promise<Found> {
  const [decided, completed, abandoned, single] = await Promise.all(
    ['decided', 'completed', 'abandoned', 'single'].map((phase) =>
      countsOf(database, `audit_record WHERE phase = '${phase}'`),
    ),
  );
  const metered = await countsOf(database, 'usage_record');
  assert.ok(decided && completed && abandoned && single);
  return { decided, completed, abandoned, single, metered };
}

async function countsOf(database: Database, from: string): Promise<Counts> {
  const answer = await database.handle.execute<{ id: string; rows: number }>(
    `SELECT request_id::text AS id, count(*)::int AS rows FROM ${from} GROUP BY request_id`,
  );
  type Row = { id: string; rows: number };
  const rows = Array.isArray(answer) ? (answer as Row[]) : (answer as unknown as { rows: Row[] }).rows;
  return new Map(rows.map(({ id, rows: found }) => [`req_${id}`, found]));
}
