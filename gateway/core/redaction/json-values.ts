/** A JSON object: a schema, a part of one, or a value. */
export type Schema = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function typesOf(type: unknown): readonly unknown[] {
  return Array.isArray(type) ? type : [type];
}

export function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

/** The part of the document that a local reference names, by a JSON pointer (RFC 6901); undefined for any other. */
export function target(root: unknown, reference: unknown): unknown {
  if (reference === '#') return root;
  if (typeof reference !== 'string' || !reference.startsWith('#/') || reference.includes('%'))
    return undefined;
  const steps = reference.slice(2).split('/', STEPS_MAX);
  return steps.reduce<unknown>((node, step) => {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    return typeof node === 'object' && node !== null && Object.hasOwn(node, name)
      ? (node as Schema)[name]
      : undefined;
  }, root);
}

const STEPS_MAX = 32;

type Fits = (value: unknown, limit: number) => boolean;

const number = (fits: (value: number, limit: number) => boolean): Fits => {
  return (value, limit) => typeof value !== 'number' || fits(value, limit);
};
/** JSON Schema counts the characters of a text, not its UTF-16 units. */
const text = (fits: (length: number, limit: number) => boolean): Fits => {
  return (value, limit) => typeof value !== 'string' || fits([...value].length, limit);
};
const array = (fits: (length: number, limit: number) => boolean): Fits => {
  return (value, limit) => !Array.isArray(value) || fits(value.length, limit);
};
const object = (fits: (size: number, limit: number) => boolean): Fits => {
  return (value, limit) => !isObject(value) || fits(Object.keys(value).length, limit);
};
const atLeast = (size: number, limit: number) => size >= limit;
const atMost = (size: number, limit: number) => size <= limit;

/** Keywords that bound one measure of the value; a value without that measure always fits. */
export const measures: Readonly<Record<string, Fits>> = {
  minimum: number(atLeast),
  maximum: number(atMost),
  exclusiveMinimum: number((value, limit) => value > limit),
  exclusiveMaximum: number((value, limit) => value < limit),
  multipleOf: number((value, step) => value === 0 || value % step === 0),
  minLength: text(atLeast),
  maxLength: text(atMost),
  minItems: array(atLeast),
  maxItems: array(atMost),
  minProperties: object(atLeast),
  maxProperties: object(atMost),
};

/** Whether an object in this JSON text names a member twice: two keys may have become the same token. */
export function repeatsKey(json: string, value: unknown): boolean {
  let written = 0;
  for (const [, colon] of json.matchAll(STRING)) if (colon !== undefined) written += 1;
  return written !== keysIn(value);
}

/** A JSON string, and the colon that makes it a key. */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

function keysIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + keysIn(item), 0);
  if (!isObject(value)) return 0;
  return Object.values(value).reduce<number>((sum, member) => sum + keysIn(member) + 1, 0);
}
