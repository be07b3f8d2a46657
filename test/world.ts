import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { usageRecord } from '../gateway/adapters/postgres/schema/metering.ts';
import { compose, type Gateway } from '../gateway/compose.ts';
import { readConfig } from '../gateway/config.ts';
import type { StoredAuditRecord } from '../gateway/core/ledger/audit-search.ts';
import { type DemoFile, prepareDemo } from '../gateway/demo.ts';
import type { Clock } from '../gateway/domain/clock.ts';
import type { RequestId } from '../gateway/domain/ids.ts';
import { createApp } from '../gateway/http/app.ts';
import type { Doors } from '../gateway/http/doors.ts';
import { createBoundedServer, drain } from '../gateway/http/server.ts';
import { type Asking, ask, type Question, type Reply } from './support/ask.ts';
import { copyDatabase } from './support/database-template.ts';
import { type KeptLog, keptLog } from './support/silent-log.ts';

/** The whole gateway in this process, with the demo world, on a port of its own and in a folder that is thrown away. */
export interface World extends AsyncDisposable {
  readonly url: string;
  readonly gateway: Gateway;
  readonly demo: DemoFile;
  readonly dataDir: string;
  readonly log: KeptLog;
  /** What the ledger holds of a request, in the order of recording; by the gateway's own id, or the one the caller sent. */
  recordsOf(requestId: string): Promise<readonly StoredAuditRecord[]>;
  usageOf(requestId: string): Promise<readonly (typeof usageRecord.$inferSelect)[]>;
  /** The ids of the requests that the simulated model was asked, by its own witness. */
  callsToModel(): readonly string[];
  /** Asks for a chat completion as the tenant `northwind`, or whoever's key is given. */
  ask(question: Question, as?: Partial<Asking>): Promise<Reply>;
  /** Serves the same gateway once more, with some of its parts changed; closed with the world. */
  serveWith(change: (doors: Doors) => Doors): Promise<string>;
}

export interface WorldOptions {
  /** Canned answers of the simulated model. */
  readonly fixtures?: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string>>;
  readonly exposition?: Parameters<typeof compose>[1]['exposition'];
  readonly ownKeys?: Parameters<typeof compose>[1]['ownKeys'];
  readonly keySetFetch?: Parameters<typeof compose>[1]['keySetFetch'];
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), 'stewardgate-test-'));
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  await copyDatabase(join(dataDir, 'database'));
  const log = keptLog();
  const { clock, exposition, ownKeys, keySetFetch } = options;
  const given = {
    ...(clock === undefined ? {} : { clock }),
    ...(exposition === undefined ? {} : { exposition }),
    ...(ownKeys === undefined ? {} : { ownKeys }),
    ...(keySetFetch === undefined ? {} : { keySetFetch }),
  };
  const config = readConfig(environmentOf(dataDir, options));
  let url = '';
  const publicUrl = () => config.publicUrl ?? url;
  const gateway = stack.use(await compose(config, { log, version: 'test', publicUrl, ...given }));
  url = await serveOn(stack, gateway.doors);
  await prepareDemo(gateway, config, { url, say: () => {} });
  const demo = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as DemoFile;
  const parts = stack.move();
  const world = { url, gateway, demo, dataDir, log };
  return {
    ...world,
    recordsOf: async (requestId) => {
      const filter = requestId.startsWith('req_') ? { requestId } : { correlationId: requestId };
      const { records } = await gateway.office.audit.search(filter, { limit: 50 });
      return records.toReversed();
    },
    usageOf: (requestId) =>
      gateway.database.handle
        .select()
        .from(usageRecord)
        .where(eq(usageRecord.requestId, requestId as RequestId)),
    callsToModel: () => callsIn(join(dataDir, 'simulated-calls.log')),
    serveWith: (change) => serveOn(parts, change(gateway.doors)),
    ask: (question, { key = keyOf(demo, 'northwind'), ...rest } = {}) => ask({ url, ...rest, key }, question),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function serveOn(stack: AsyncDisposableStack, doors: Doors): Promise<string> {
  const server = createBoundedServer(doors, createApp(doors));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => drain(server, doors.traffic, { answersMs: 2_000, endingsMs: 1_000 }));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The demo key of a tenant. */
export function keyOf(demo: DemoFile, tenant: string): string {
  const key = demo.tenants[tenant]?.apiKey;
  if (key === undefined) throw new Error(`the demo has no tenant ${tenant}`);
  return key;
}

function environmentOf(dataDir: string, { fixtures, environment }: WorldOptions): Record<string, string> {
  const file = join(dataDir, 'fixtures.json');
  if (fixtures !== undefined) writeFileSync(file, JSON.stringify(fixtures));
  return {
    STEWARDGATE_DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    ...(fixtures === undefined ? {} : { MODEL_SIMULATED_FIXTURES: file }),
    ...environment,
  };
}

/** The request ids in the simulated model's own log; empty when it was never asked. */
export function callsIn(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { requestId: string }).requestId);
}
