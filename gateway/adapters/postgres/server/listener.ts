import { Client } from 'pg';
import { CONNECT_TIMEOUT_MS } from './connect-timeout.ts';

/**
 * Listens on a connection of its own and opens a new one whenever it is lost. `heard` is called for each notification
 * and after each reconnect, because what was said in between is lost.
 */
export async function listenOnServer(
  url: string,
  channel: string,
  heard: () => void,
): Promise<AsyncDisposable> {
  const stopped = new AbortController();
  let client: Client | undefined;

  async function connect(): Promise<void> {
    const fresh = new Client({
      connectionString: url,
      application_name: 'stewardgate-listener',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
    fresh.on('error', () => undefined);
    fresh.on('notification', heard);
    await fresh.connect();
    fresh.once('end', reconnectLater);
    await fresh.query(`LISTEN ${channel}`);
    client = fresh;
    heard();
  }

  function reconnectLater(): void {
    if (stopped.signal.aborted) return;
    setTimeout(() => connect().catch(reconnectLater), RECONNECT_MS).unref();
  }

  await connect();
  return {
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await client?.end().catch(() => undefined);
    },
  };
}

const RECONNECT_MS = 500;
