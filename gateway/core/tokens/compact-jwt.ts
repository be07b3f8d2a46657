import { guardJson } from '../../domain/json-guard.ts';

/** A JWT as it was written: nothing in it has been verified. */
export interface CompactJwt {
  readonly header: object;
  readonly claims: object;
}

/**
 * The parts of a JWT in compact form (RFC 7519), or undefined for what two readers could read differently: stray
 * characters, base64url with spare bits, repeated names, deep nesting, anything but two JSON objects.
 */
export function readCompactJwt(text: string): CompactJwt | undefined {
  if (text.length > JWT_LENGTH_MAX || !COMPACT.test(text)) return undefined;
  const [head = '', body = '', signature = ''] = text.split('.');
  const header = readObject(head);
  const claims = readObject(body);
  if (header === undefined || claims === undefined || decode(signature) === undefined) return undefined;
  return { header, claims };
}

const JWT_LENGTH_MAX = 8_192;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

function readObject(part: string): object | undefined {
  const octets = decode(part);
  if (octets === undefined) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
    const value: unknown = JSON.parse(text);
    guardJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // The parser's own message quotes the text, so it is not kept.
    return undefined;
  }
}

/** The one spelling of these octets only: another would be another text with the same meaning. */
function decode(part: string): Buffer | undefined {
  const octets = Buffer.from(part, 'base64url');
  return octets.toString('base64url') === part ? octets : undefined;
}
