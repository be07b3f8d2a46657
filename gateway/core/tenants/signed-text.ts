import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { guardJson } from '../../domain/json-guard.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON Web Token in the compact form (RFC 7519), taken apart; nothing in it has been believed yet. */
export interface SignedText {
  readonly text: string;
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/**
 * The parts of a token, an assertion or a proof, or undefined for what two readers could read differently: stray
 * characters, base64url with spare bits, repeated names, deep nesting, anything but two JSON objects.
 */
export function readSigned(text: string): SignedText | undefined {
  if (text.length > LENGTH_MAX) return undefined;
  const [, head, body, signature] = FORM.exec(text) ?? [];
  if (head === undefined || body === undefined || signature === undefined) return undefined;
  const [header, claims] = [objectIn(head), objectIn(body)];
  if (header === undefined || claims === undefined || octetsIn(signature) === undefined) return undefined;
  return { text, header, claims };
}

/** SHA-256, by which a token is remembered: never by itself. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

const LENGTH_MAX = 8_192;
const FORM = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const UTF8 = { fatal: true, ignoreBOM: true } as const;

/** Two spellings of the same octets would be two tokens to whoever remembers them. */
function octetsIn(segment: string): Buffer | undefined {
  const octets = Buffer.from(segment, 'base64url');
  return octets.toString('base64url') === segment ? octets : undefined;
}

function objectIn(segment: string): JsonObject | undefined {
  const octets = octetsIn(segment);
  if (octets === undefined) return undefined;
  try {
    const text = new TextDecoder('utf-8', UTF8).decode(octets);
    const value: unknown = JSON.parse(text);
    guardJson(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // The parser's message quotes the text, so nothing of it is kept.
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text, when it is one and no longer than that. */
export function textIn(value: unknown, lengthMax: number): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= lengthMax ? value : undefined;
}
