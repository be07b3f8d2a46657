import type { IncomingMessage } from 'node:http';
import { Problem, type ProblemCode } from '../domain/problem.ts';

/**
 * Why two readers may understand this request's line and headers differently, or undefined when they cannot. What is
 * refused here is the last on its connection: where the next request begins may be in doubt as well.
 */
export function objectionToHead(request: IncomingMessage): Problem | undefined {
  const isClear = isPlainLine(request) && isPlainlyFramed(request) && isWithoutUpgrade(request);
  return isClear ? objectionToHeaders(request) : new Problem('invalid_request');
}

/**
 * One of the versions spoken here, and a path of this gateway. A whole URL names a host of the caller's choosing that a
 * proxy in front would have believed, so that form is refused though RFC 9112 section 3.2.2 would have us read it.
 */
function isPlainLine({ httpVersion, url = '' }: IncomingMessage): boolean {
  return (httpVersion === '1.1' || httpVersion === '1.0') && url.startsWith('/') && !url.includes('#');
}

/** No coding but chunks, and none for a reader who knows no chunks (RFC 9112 sections 6.1 and 7). */
function isPlainlyFramed({ httpVersion, headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  return coding === undefined || (httpVersion === '1.1' && coding.toLowerCase() === 'chunked');
}

/** A caller that would rather speak another protocol is not left to wait for it. */
const isWithoutUpgrade = ({ headers }: IncomingMessage) => headers.upgrade === undefined;

/** Of these Node keeps the first where another reader may believe the last (RFC 9110 section 5.3). */
const SINGLE: ReadonlyMap<string, ProblemCode> = new Map([
  ['host', 'invalid_request'],
  ['content-type', 'invalid_request'],
  ['authorization', 'multiple_credentials'],
]);
const LENGTHS = new Set([...SINGLE.keys()].map((name) => name.length));

/** A host and port, or an address in brackets; no list, user or path (RFC 9110 section 7.2). */
const HOST = /^([A-Za-z0-9._~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?$/;

/** One that must be single came twice, or the host is none; HTTP/1.0 need not name one (RFC 9112 section 3.2). */
function objectionToHeaders(request: IncomingMessage): Problem | undefined {
  const { host } = request.headers;
  const isNamed = host === undefined ? request.httpVersion === '1.0' : HOST.test(host);
  if (!isNamed) return new Problem('invalid_request');
  const seen = new Set<string>();
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const raw = request.rawHeaders[at] ?? '';
    if (!LENGTHS.has(raw.length)) continue;
    const name = raw.toLowerCase();
    const code = SINGLE.get(name);
    if (code !== undefined && seen.has(name)) return new Problem(code);
    seen.add(name);
  }
  return undefined;
}
