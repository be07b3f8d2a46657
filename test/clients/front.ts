import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands between a client and the gateway and counts what passes; it may cut the line in the midst of an answer. */
export interface Front extends AsyncDisposable {
  readonly url: string;
  /** How many requests the client has sent so far. */
  requests(): number;
}

export interface FrontOptions {
  readonly gateway: string;
  /** Closes the connection as soon as the first words of an answer have gone through. */
  readonly cutsAnswers: boolean;
}

export async function openFront({ gateway, cutsAnswers }: FrontOptions): Promise<Front> {
  let requests = 0;
  const server = createServer((coming, going) => {
    requests += 1;
    pass(coming, going, { gateway, cutsAnswers });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function pass(coming: IncomingMessage, going: ServerResponse, { gateway, cutsAnswers }: FrontOptions): void {
  const { method = 'GET', url = '/', headers } = coming;
  const onward = request(new URL(url, gateway), { method, headers, agent: false });
  onward.on('response', (answer) => {
    going.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('data', (bytes: Buffer) => {
      const isCut = cutsAnswers && WORDS.test(bytes.toString('latin1'));
      going.write(bytes, () => isCut && going.destroy());
    });
    answer.on('end', () => going.end());
    answer.on('error', () => going.destroy());
  });
  onward.on('error', () => going.destroy());
  going.on('close', () => onward.destroy());
  coming.pipe(onward);
}

/** A delta with text, on either wire. */
const WORDS = /"delta":(\{"content":"[^"]|"[^"])/;
