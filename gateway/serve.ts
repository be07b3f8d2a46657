import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from './adapters/telemetry/logger.ts';
import { compose } from './compose.ts';
import type { Config } from './config.ts';
import { prepareDemo } from './demo.ts';
import { createApp, createOperationsApp } from './http/app.ts';
import { createBoundedServer, drain, type Patience } from './http/server.ts';
import { ownUrl } from './own-url.ts';

export interface ServeOptions {
  readonly log: Logger;
  readonly version: string;
  readonly exposition?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Prints a line for the person at the terminal. */
  readonly say: (line: string) => void;
  /** How long stopping waits for answers under way. */
  readonly patience?: Patience;
}

export interface Running {
  readonly url: string;
  /** Stops taking requests, lets those under way end within 30 seconds, closes everything. */
  stop(): Promise<void>;
}

/** Thirty seconds in all. */
const PATIENCE: Patience = { answersMs: 25_000, endingsMs: 2_500 };
const AT_ONCE: Patience = { answersMs: 0, endingsMs: 500 };

/** Composes the gateway and listens. Resolves when it answers; throws when any part cannot start. */
export async function serve(config: Config, { say, ...options }: ServeOptions): Promise<Running> {
  await using stack = new AsyncDisposableStack();
  let url = '';
  const publicUrl = () => config.publicUrl ?? url;
  const gateway = stack.use(await compose(config, { ...options, publicUrl }));
  const { traffic } = gateway.doors;
  const server = createBoundedServer(gateway.doors, createApp(gateway.doors));
  const stops: (() => Promise<void>)[] = [];
  stack.defer(async () => {
    for (const stop of stops) await stop();
  });
  const { port } = await listen(server, config.port, config.host);
  stops.push(() => drain(server, traffic, options.patience ?? PATIENCE));
  url = ownUrl({ host: config.host, port });
  if (config.operationsPort !== undefined) {
    const operations = createBoundedServer(gateway.doors, createOperationsApp(gateway.doors));
    await listen(operations, config.operationsPort, config.host);
    // Last, so that operators can see that the gateway is not ready until the last answer is given.
    stops.push(() => drain(operations, traffic, AT_ONCE));
  }
  if (config.mode === 'demo') await prepareDemo(gateway, config, { url: publicUrl(), say });
  else say(`Stewardgate ${options.version} answers on ${publicUrl()}`);
  options.log.notice('listening', { url, storage: gateway.database.kind, model: config.upstream.kind });
  const parts = stack.move();
  return {
    url,
    stop: async () => {
      gateway.stopTaking();
      await parts.disposeAsync();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo); // a TCP server that listens has one
    });
  });
}
