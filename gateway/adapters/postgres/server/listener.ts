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
  let isStopped = false;
  let client: Client | undefined;

  /** Resolves once it listens; from then on, and only then, the loss of the connection is answered by a new one. */
  async function connect(): Promise<void> {
    const fresh = newClient(url);
    fresh.on('notification', heard);
    try {
      await fresh.connect();
      await fresh.query(`LISTEN ${channel}`);
    } catch (fault) {
      await fresh.end().catch(() => undefined);
      throw fault;
    }
    if (isStopped) return fresh.end();
    client = fresh;
    fresh.once('end', reconnectLater);
    heard();
  }

  function reconnectLater(): void {
    if (!isStopped) setTimeout(() => connect().catch(reconnectLater), RECONNECT_MS).unref();
  }

  await connect();
  return {
    async [Symbol.asyncDispose]() {
      isStopped = true;
      await client?.end().catch(() => undefined);
    },
  };
}

const RECONNECT_MS = 500;

function newClient(url: string): Client {
  const client = new Client({
    connectionString: url,
    application_name: 'stewardgate-listener',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', () => undefined);
  return client;
}
