import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { keyOf, openWorld, type World } from '../world.ts';
import { assertAsDeclared, type Cell, play, type Stage } from './cell.ts';
import { DRIVERS } from './drivers.ts';
import { FIXTURES } from './fixtures.ts';
import { assertGolden } from './golden.ts';
import { type PeerWatch, watchPeers } from './peers.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { printTable } from './table.ts';

// What these packages would tell their makers is off, also where a developer's own settings have it on.
Object.assign(process.env, { LANGSMITH_TRACING: 'false', LANGCHAIN_TRACING_V2: 'false', OPENAI_LOG: 'off' });

const FILE = join(import.meta.dirname, '..', '..', 'gateway', 'COMPATIBILITY.md');
const cells: Cell[] = [];

let world: World;
let peers: PeerWatch;
let stage: Stage;
let paths: readonly string[];
before(async () => {
  peers = watchPeers();
  world = await openWorld({ fixtures: FIXTURES });
  const document = await (await fetch(`${world.url}/openapi.json`)).json();
  paths = Object.keys((document as { paths: object }).paths);
  stage = { world, embeddingModel: await embeddingModel() };
});
after(async () => {
  await world[Symbol.asyncDispose]();
  peers[Symbol.dispose]();
});

/** A model with such a name where the gateway lists one, else the model itself. */
async function embeddingModel(): Promise<string> {
  const headers = { authorization: `Bearer ${keyOf(world.demo, 'northwind')}` };
  const list = (await (await fetch(`${world.url}/v1/models`, { headers })).json()) as {
    data: { id: string }[];
  };
  return list.data.find(({ id }) => id.includes('embed'))?.id ?? 'mayo-cr-1';
}

const isBuilt = ({ needs }: Scenario) => needs === undefined || paths.includes(needs);

// Side by side, because most of the time of a client that asks again is spent waiting.
describe('each stock client sees what it should', { concurrency: 16 }, () => {
  for (const scenario of SCENARIOS) {
    for (const driver of DRIVERS) {
      test(`${driver.name}: ${scenario.title}`, async (t) => {
        if (!isBuilt(scenario)) return t.skip(`the gateway does not serve ${scenario.needs}`);
        const cell = await play(driver, scenario, stage);
        cells.push(cell);
        if (cell.seen === null) return t.skip('the client has no such call');
        assertAsDeclared(cell);
      });
    }
  }
});

test('no client speaks to anybody but the gateway', () => {
  assert.deepEqual([...peers.strangers], []);
});

test('gateway/COMPATIBILITY.md shows what the clients saw', () => {
  const hasBudgets = paths.some((path) => path.includes('budget'));
  assertGolden(FILE, printTable({ drivers: DRIVERS, scenarios: SCENARIOS, cells, hasBudgets }));
});
