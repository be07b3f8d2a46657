import { Buffer } from 'node:buffer';

/** An answer as it left: text that passed redaction, and the headers that speak of it. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The longest body that is kept, in UTF-8 bytes. */
export const KEPT_BYTES_MAX = 1_048_576;

/** One line of JSON, then the body as it is: as a JSON string it would be a third longer. */
export function writeKept({ body, ...head }: KeptAnswer, terms: string): Uint8Array {
  return Buffer.from(`${JSON.stringify({ ...head, terms })}\n${body}`);
}

/**
 * The answer, when it was given on the same terms; undefined when on others, or when another release wrote it in a form
 * that this one does not know.
 */
export function readKept(bytes: Uint8Array, terms: string): KeptAnswer | undefined {
  const text = Buffer.from(bytes).toString('utf8');
  const end = text.indexOf('\n');
  const head = parsed(text.slice(0, end));
  return isHead(head) && head.terms === terms
    ? { status: head.status, headers: head.headers, body: text.slice(end + 1) }
    : undefined;
}

/** The parser's own message quotes the text, so it is not passed on. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

type Head = Omit<KeptAnswer, 'body'> & { readonly terms: string };

function isHead(value: unknown): value is Head {
  if (!isObject(value) || !isObject(value.headers)) return false;
  const areTexts = Object.values(value.headers).every((one) => typeof one === 'string');
  return areTexts && typeof value.status === 'number' && typeof value.terms === 'string';
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
