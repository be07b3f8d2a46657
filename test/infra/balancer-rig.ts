import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { HOUSE, plant } from '../house/tree.ts';
import { readText } from './compose-file.ts';

/** Why the real balancer cannot be tried here, or undefined when it can. */
export const noBalancer = (): string | undefined =>
  spawnSync('haproxy', ['-v']).status === 0 ? undefined : 'skipped: haproxy is not installed';

/** The real configuration under the real balancer, before two stand-in gateways; all closed at the end of the block. */
export interface BalancerRig extends AsyncDisposable {
  readonly port: number;
  readonly operationsPort: number;
}

export interface StandIn {
  readonly serve: RequestListener;
  isReady(): boolean;
}

export async function startBalancer(standIns: readonly [StandIn, StandIn]): Promise<BalancerRig> {
  const port = await freePort();
  const operationsPort = await freePort();
  const gateways = await Promise.all(standIns.map(startGateway));
  const tree = plant({ 'haproxy.cfg': localConfig(port, operationsPort, gateways) });
  const balancer = spawn('haproxy', ['-db', '-f', join(tree.root, 'haproxy.cfg')], { stdio: 'ignore' });
  return {
    port,
    operationsPort,
    [Symbol.asyncDispose]: async () => {
      await stop(balancer);
      for (const server of gateways.flatMap((gateway) => [gateway.main, gateway.operations])) {
        server.closeAllConnections();
        server.close();
      }
      tree[Symbol.dispose]();
    },
  };
}

interface Gateway {
  readonly main: Server;
  readonly operations: Server;
}

async function startGateway(standIn: StandIn): Promise<Gateway> {
  const main = createServer(standIn.serve).listen(0, '127.0.0.1');
  const operations = createServer((_, response) => response.writeHead(standIn.isReady() ? 200 : 503).end());
  operations.listen(0, '127.0.0.1');
  await Promise.all([once(main, 'listening'), once(operations, 'listening')]);
  return { main, operations };
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** Only names, ports and the pace of the health check differ from what runs in the composition. */
function localConfig(port: number, operationsPort: number, gateways: readonly Gateway[]): string {
  const lines = gateways.map(
    ({ main, operations }, n) => `  server gateway-${n} 127.0.0.1:${portOf(main)} port ${portOf(operations)}`,
  );
  return readText('infra/balancer/haproxy.cfg')
    .replace('bind :8080', `bind 127.0.0.1:${port}`)
    .replace('bind :8404', `bind 127.0.0.1:${operationsPort}`)
    .replace('/usr/local/etc/haproxy/', `${HOUSE}infra/balancer/`)
    .replace('log stdout format raw local0 info', '')
    .replace('check port 9090 inter 2s', 'check inter 50ms')
    .replace(/(\n {2}server .*)+/, `\n${lines.join('\n')}`);
}

async function freePort(): Promise<number> {
  const server = createSocketServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const ATTEMPTS_MAX = 200;
const PAUSE_MS = 25;

/** Asks the balancer's own health route until it gives that status. */
export async function untilHealth(rig: BalancerRig, status: number): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const answer = await send(rig.operationsPort, { path: '/healthz' }).catch(() => undefined);
    if (answer?.status === status) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`the balancer never answered ${status}`);
}

export interface Sending {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export function send(port: number, { path, method = 'GET', headers = {}, body }: Sending): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(pieces).toString('utf8'),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
