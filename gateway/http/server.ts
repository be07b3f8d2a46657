import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../domain/problem.ts';
import { Entry } from '../pipeline/entry.ts';
import { refuse } from '../pipeline/refuse.ts';
import type { Doors } from './doors.ts';
import { envelopeOf } from './present-problem.ts';
import { BODY_BYTES_MAX, breakOff } from './read-body.ts';
import type { Traffic } from './traffic.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A Node server with a bound on everything a stranger can make it wait for or hold. */
export function createBoundedServer(doors: Doors, answer: Handler): Server {
  const underway = new WeakMap<Socket, Underway>();
  const handle: Handler = (request, response) => {
    const { socket } = request;
    const unanswered = 1 + (underway.get(socket)?.unanswered ?? 0);
    // What comes behind the last that is answered is not acted on (RFC 9112 section 9.6), and no more of it is read.
    if (unanswered > UNANSWERED_MAX) return void socket.pause();
    if (unanswered === UNANSWERED_MAX) response.shouldKeepAlive = false;
    underway.set(socket, { request, response, unanswered });
    response.once('close', () => forget(underway, socket));
    answer(request, response);
  };
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1_000,
      // Node's own refusal has no body and no record; the app refuses instead.
      requireHostHeader: false,
      insecureHTTPParser: false,
    },
    handle,
  );
  server.maxHeadersCount = 100;
  server.maxConnections = 20_000;
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers['content-length'] ?? 0) <= BODY_BYTES_MAX) response.writeContinue();
    handle(request, response);
  });
  // Any other expectation may be ignored (RFC 9110 section 10.1.1); Node's own 417 has no body and no record.
  server.on('checkExpectation', handle);
  server.on('connect', (_: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    void answerUnhandled(doors, new Problem('method_not_allowed'), socket);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const last = underway.get(socket);
    const isAnswered = last?.response.writableFinished === true;
    if (error.code === 'ECONNRESET' || !socket.writable || (isAnswered && !last.request.complete))
      // The broken bytes may be the rest of a request that is answered and recorded already.
      socket.destroy();
    else if (last === undefined || isAnswered) void answerUnhandled(doors, problemOf(error), socket);
    else closeAfter(last, problemOf(error));
  });
  return server;
}

/** The last request of a connection that was acted on, and how many there wait for the end of their answer. */
interface Underway {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  unanswered: number;
}

/** So many requests may be sent at once over one connection; its last answer closes it. */
const UNANSWERED_MAX = 64;

function forget(underway: WeakMap<Socket, Underway>, socket: Socket): void {
  const last = underway.get(socket);
  if (last !== undefined && last.unanswered < UNANSWERED_MAX) last.unanswered -= 1;
}

/** What comes is no longer HTTP, but a request is being answered: its answer is the last on this connection. */
function closeAfter({ request, response }: Underway, problem: Problem): void {
  response.shouldKeepAlive = false;
  response.once('finish', () => request.socket.destroySoon());
  if (!request.complete) breakOff(request, problem);
}

const problemOf = (error: NodeJS.ErrnoException) =>
  new Problem(BROKEN[error.code ?? ''] ?? 'invalid_request');

const BROKEN: Readonly<Record<string, 'headers_too_large' | 'request_timeout'>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** What reaches no handler is answered and recorded too, then the connection is closed (RFC 9112 section 9.6). */
function answerUnhandled(doors: Doors, refused: Problem, socket: Socket): Promise<void> {
  return doors.traffic.during(() => refuseOn(socket, doors, refused));
}

async function refuseOn(socket: Socket, doors: Doors, refused: Problem): Promise<void> {
  const entry = new Entry(doors.house, { sourceIp: socket.remoteAddress ?? '', route: 'unparsed' });
  const problem = await refuse(doors.house, entry, refused);
  doors.log.request({
    id: entry.visibleId,
    method: '-',
    route: 'unparsed',
    status: problem.status,
    ms: entry.latencyMs(),
    code: problem.code,
  });
  const body = JSON.stringify(envelopeOf(entry, problem));
  socket.end(
    `HTTP/1.1 ${problem.status} ${REASONS[problem.status] ?? 'Error'}\r\n` +
      'content-type: application/json; charset=utf-8\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${entry.visibleId}\r\n` +
      `connection: close\r\n\r\n${body}`,
  );
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
};

export interface Patience {
  /** How long the answers under way may go on. */
  readonly answersMs: number;
  /** How long they then have to say that they are broken off, and to have that recorded. */
  readonly endingsMs: number;
}

/**
 * Stops taking connections and waits for the requests under way, streams included; those that go on too long are ended
 * with `service_unavailable`, and what is left then is cut. Resolves when no connection is left and every request has
 * its last record.
 */
export async function drain(server: Server, traffic: Traffic, patience: Patience): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  const end = setTimeout(() => traffic.endAll(), patience.answersMs);
  const cut = setTimeout(() => server.closeAllConnections(), patience.answersMs + patience.endingsMs);
  await closed;
  for (const timer of [sweep, end, cut]) clearTimeout(timer);
  await traffic.idle(patience.endingsMs);
}
