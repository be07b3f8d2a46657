import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../../gateway/adapters/postgres/database.ts';
import { openDatabase } from '../../gateway/adapters/postgres/open-database.ts';
import { callsIn } from '../world.ts';
import { ask } from './ask.ts';
import { type Spawned, spawnGateway } from './spawned.ts';

export interface KillRounds {
  readonly dataDir: string;
  readonly kills: number;
  /** No further round begins after so long; a slow machine does fewer. */
  readonly timeMsMax: number;
  /** At once, each asking again as soon as it was answered. */
  readonly callers: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What callers hold in their hands: answers that they have read to the end, and refusals. */
export interface Held {
  kills: number;
  readonly answered: Set<string>;
  readonly refused: Set<string>;
}

/** Starts the gateway again and again on the same storage, loads it, and kills it in the midst of work. */
export async function killInTheMidst(rounds: KillRounds): Promise<Held> {
  const { dataDir, kills, timeMsMax, callers, environment } = rounds;
  const startedAt = performance.now();
  const held: Held = { kills: 0, answered: new Set(), refused: new Set() };
  while (held.kills < kills && performance.now() - startedAt < timeMsMax) {
    await using gateway = await spawnGateway(dataDir, environment);
    const answeredBefore = held.answered.size;
    const load = Array.from({ length: callers }, (_, caller) => askUntilDead(gateway, caller, held));
    while (held.answered.size < answeredBefore + callers) await wait(2);
    await wait(Math.random() * 150);
    await gateway.end('SIGKILL');
    await Promise.all(load);
    held.kills += 1;
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

/** The laws that no kill may break; the storage must not be in use by another process when it is embedded. */
export async function assertNothingLost(held: Held, dataDir: string, url?: string): Promise<void> {
  await using database = await openDatabase({
    dataDir: join(dataDir, 'database'),
    ...(url === undefined ? {} : { url }),
  });
  const decided = await idsWhere(
    database,
    "SELECT request_id::text AS id FROM audit_record WHERE phase = 'decided'",
  );
  const completed = await idsWhere(
    database,
    "SELECT request_id::text AS id FROM audit_record WHERE phase = 'completed'",
  );
  const single = await idsWhere(
    database,
    "SELECT request_id::text AS id FROM audit_record WHERE phase = 'single'",
  );
  const metered = await idsWhere(database, 'SELECT request_id::text AS id FROM usage_record');
  for (const id of held.answered) {
    assert.equal(
      decided.filter((one) => one === id).length,
      1,
      `${id} was answered without a decision on record`,
    );
    assert.equal(
      completed.filter((one) => one === id).length,
      1,
      `${id} was answered without its last record`,
    );
    assert.equal(metered.filter((one) => one === id).length, 1, `${id} was answered and not metered once`);
  }
  for (const id of held.refused)
    assert.equal(single.filter((one) => one === id).length, 1, `${id} was refused unrecorded`);
  const known = new Set(decided);
  for (const id of callsIn(join(dataDir, 'simulated-calls.log'))) {
    assert.ok(known.has(id), `the model was asked for ${id} without a decision on record`);
  }
  const ends = "phase IN ('completed', 'abandoned', 'single')";
  const twice = `SELECT request_id::text AS id FROM audit_record WHERE ${ends} GROUP BY request_id HAVING count(*) > 1`;
  assert.deepEqual(await idsWhere(database, twice), [], 'a request has two last records');
  assert.equal(new Set(metered).size, metered.length, 'a request is metered twice');
  const unpaired = metered.filter((id) => !completed.includes(id));
  assert.deepEqual(unpaired, [], 'a metered line stands without its record');
  if (database.kind === 'pglite') {
    const open = `SELECT request_id::text AS id FROM audit_record GROUP BY request_id HAVING bool_and(phase = 'decided')`;
    assert.deepEqual(await idsWhere(database, open), [], 'what a kill left open was not closed as abandoned');
  }
}

async function idsWhere(database: Database, statement: string): Promise<readonly string[]> {
  const answer = await database.handle.execute<{ id: string }>(statement);
  const rows = Array.isArray(answer) ? answer : (answer as unknown as { rows: { id: string }[] }).rows;
  return rows.map(({ id }) => `req_${id}`);
}
