import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { guardJson } from '../domain/json-guard.ts';
import { Problem } from '../domain/problem.ts';

export const BODY_BYTES_MAX = 4 * 1024 * 1024;

/**
 * The request's JSON body, read once and within bounds; nothing is decompressed.
 * Throws `unsupported_media_type`, `body_too_large`, `invalid_encoding`, `invalid_json`, `json_too_deep`, `duplicate_key`,
 * or `request_timeout` when the caller goes away before its end.
 */
export async function readJsonBody(request: IncomingMessage): Promise<object> {
  refuseMediaType(request);
  const text = decodeUtf8(await readBytes(request, BODY_BYTES_MAX));
  const value = parse(text);
  guardJson(text);
  if (/\\u[dD][89a-fA-F]/.test(text) && !isWellFormed(value)) throw new Problem('invalid_encoding');
  return value;
}

/** RFC 8259 section 8.1: JSON between systems is UTF-8. */
function refuseMediaType({ headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? '';
  const isJson = type === 'application/json' || /^application\/json *(; *charset="?utf-8"? *)?$/i.test(type);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (!isJson || encoding !== 'identity') throw new Problem('unsupported_media_type');
}

type BreakableRequest = IncomingMessage & { brokenOff?: Problem };

/** Tells whoever reads the body, now or later, that the rest of it will never come. */
export function breakOff(request: BreakableRequest, problem: Problem): void {
  request.brokenOff = problem;
  request.emit('brokenOff');
}

/** Throws `body_too_large` or `request_timeout`, or what broke the request off. */
export async function readBytes(request: BreakableRequest, bytesMax: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw new Problem('body_too_large');
  return new Promise((resolve, reject) => {
    const onBrokenOff = () => reject(request.brokenOff);
    if (request.brokenOff !== undefined) onBrokenOff();
    request.once('brokenOff', onBrokenOff);
    if (request.destroyed) reject(new Problem('request_timeout'));
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bytesMax) chunks.push(chunk);
      else reject(new Problem('body_too_large'));
    });
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.once('error', (cause) => reject(new Problem('request_timeout', { cause })));
    request.once('close', () => {
      // Every request closes in the end, and a Problem is not cheap to make.
      if (!request.readableEnded) reject(new Problem('request_timeout'));
    });
  });
}

/** Throws `invalid_encoding`. */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Problem('invalid_encoding');
  return bytes.toString('utf8');
}

function parse(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, so it is not kept as the cause.
    throw new Problem('invalid_json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Problem('invalid_json');
  return value;
}

/** Whether every string in the value is free of lone surrogates; depth is bounded by `guardJson` before. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && isWellFormed(inner));
}
