import type { IncomingMessage } from 'node:http';
import { Problem, type ProblemCode } from '../domain/problem.ts';

/** Of these Node keeps the first where another reader may believe the last (RFC 9110 section 5.3). */
const SINGLE: ReadonlyMap<string, ProblemCode> = new Map([
  ['host', 'invalid_request'],
  ['content-type', 'invalid_request'],
  ['authorization', 'multiple_credentials'],
]);
const LENGTHS = new Set([...SINGLE.keys()].map((name) => name.length));

/**
 * Why two readers may understand these headers differently, or undefined when they cannot: one that must be single
 * came twice, or a request of HTTP/1.1 names no host (RFC 9112 section 3.2).
 */
export function objectionToHeaders(request: IncomingMessage): Problem | undefined {
  if (request.headers.host === undefined && request.httpVersion === '1.1')
    return new Problem('invalid_request');
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
