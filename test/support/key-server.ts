import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (response: ServerResponse) => void;

/** A web server of an identity provider, on loopback. */
export interface KeyServer extends AsyncDisposable {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: () => number;
  /** From now on it answers so. */
  answer(how: Answer): void;
  publish(...keys: readonly unknown[]): void;
}

export async function keyServer(): Promise<KeyServer> {
  let asked = 0;
  let how: Answer = json({ keys: [] });
  const server = createServer((_, response) => {
    asked += 1;
    how(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    answer: (next) => {
      how = next;
    },
    publish: (...keys) => {
      how = json({ keys });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const json =
  (body: unknown): Answer =>
  (response) => {
    response.setHeader('content-type', 'application/jwk-set+json');
    response.end(JSON.stringify(body));
  };
