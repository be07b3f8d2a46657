import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the host saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

export type Script = (response: ServerResponse, request: IncomingMessage, nth: number) => void;

/** A host on the loopback that plays a script for each request, and remembers what it saw. */
export interface ScriptedHost extends AsyncDisposable {
  readonly baseUrl: string;
  readonly seen: readonly SeenRequest[];
  /** Resolves once the given count of connections was closed on the host's side. */
  closed(): Promise<void>;
}

export async function scriptedHost(script: Script): Promise<ScriptedHost> {
  const seen: SeenRequest[] = [];
  const closed = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
      seen.push({ path: request.url ?? '', headers: request.headers, body });
      script(response, request, seen.length);
    });
    response.on('close', () => closed.resolve());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/openai/v1`,
    seen,
    closed: () => closed.promise,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const SSE = { 'content-type': 'text/event-stream; charset=utf-8' };
export const JSON_TYPE = { 'content-type': 'application/json' };

export function frame(chunk: unknown): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

export function delta(said: object, index = 0): string {
  return frame({ id: 'chatcmpl-1', choices: [{ index, delta: said, finish_reason: null }] });
}

export function finish(reason = 'stop', index = 0): string {
  return frame({ id: 'chatcmpl-1', choices: [{ index, delta: {}, finish_reason: reason }] });
}

export const DONE = 'data: [DONE]\n\n';

export function answer(content: string): object {
  return {
    id: 'chatcmpl-1',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
  };
}

/** Answers with this status and JSON body. */
export function json(status: number, body: unknown, headers: object = {}): Script {
  return (response) => {
    response.writeHead(status, { ...JSON_TYPE, ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Answers 200 with an event stream of these pieces and ends it. */
export function sse(...pieces: readonly (string | Uint8Array)[]): Script {
  return (response) => {
    response.writeHead(200, SSE);
    for (const piece of pieces) response.write(piece);
    response.end();
  };
}
