import { drizzle } from 'drizzle-orm/node-postgres';
import { Client, Pool } from 'pg';
import type { Database, Handle } from '../database.ts';
import { createTransactionGuard } from '../transaction-guard.ts';
import { CONNECT_TIMEOUT_MS } from './connect-timeout.ts';
import { listenOnServer } from './listener.ts';
import { assertKeepsCommits } from './server-checks.ts';
import { openServerWriter } from './writer.ts';

/**
 * Opens three bounded pools to a PostgreSQL server: one to follow changes, one for what every request needs, one for
 * all else.
 * Throws an Error that names the reason when the server is older than 15 or may lose commits.
 */
export async function openServer(url: string): Promise<Database> {
  await using held = new AsyncDisposableStack();
  const pool = openPool(url, POOL_MAX);
  held.defer(() => pool.end());
  await assertKeepsCommits(pool);
  const vitalPool = openPool(url, VITAL_POOL_MAX);
  held.defer(() => vitalPool.end());
  const watchPool = openPool(url, WATCH_POOL_MAX);
  held.defer(() => watchPool.end());
  return databaseOn(url, { pool, vitalPool, watchPool }, held.move());
}

const POOL_MAX = 8;
const VITAL_POOL_MAX = 2;
const WATCH_POOL_MAX = 1;
const IDLE_MS = 30_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** Nothing here waits long for a lock: whoever holds one for longer keeps every caller waiting. */
const LOCK_WAIT_MS = 1_000;

function openPool(url: string, max: number): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: 'stewardgate',
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_WAIT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
  });
  // An idle connection that the server closes is replaced on the next use.
  pool.on('error', () => undefined);
  return pool;
}

function databaseOn(
  url: string,
  { pool, vitalPool, watchPool }: Readonly<Record<'pool' | 'vitalPool' | 'watchPool', Pool>>,
  held: AsyncDisposableStack,
): Database {
  const guard = createTransactionGuard();
  // The driver's own result shape is narrower than the one both engines share; only query builders use it.
  const handleOn = (client: Pool) => drizzle({ client }) as unknown as Handle;
  const handle = handleOn(pool);
  return {
    kind: 'postgres',
    handle: guard.outside(handle),
    vital: guard.outside(handleOn(vitalPool)),
    watch: guard.outside(handleOn(watchPool)),
    transaction: (work) => guard.run(() => handle.transaction(work)),
    session: (work) => inSession(url, work),
    openWriter: () => openServerWriter(url),
    listen: (channel, heard) => listenOnServer(url, channel, heard),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function inSession<T>(url: string, work: (handle: Handle) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    application_name: 'stewardgate-session',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(drizzle({ client }) as unknown as Handle);
  } finally {
    await client.end();
  }
}

const LOCK_TIMEOUT_MS = 120_000;
