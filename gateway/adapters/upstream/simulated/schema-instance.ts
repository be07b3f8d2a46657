import { numberFor } from './schema-number.ts';
import { stringFor } from './schema-string.ts';

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/**
 * A small valid instance of a JSON Schema, the same each time: all properties, as few items as allowed, the first
 * alternative that can be met. Undefined when none is found within bounds. `pattern`, `not`, `if` and
 * `dependent*` are not honoured.
 */
export function instanceOf(root: Schema): unknown {
  return build(root, { root, depth: 0, budget: { nodesLeft: NODES_MAX } });
}

interface Place {
  readonly root: Schema;
  readonly depth: number;
  readonly budget: { nodesLeft: number };
}

const NODES_MAX = 5_000;
/** Recursive schemas end here; what they require below cannot be met, so another alternative is tried. */
const DEPTH_MAX = 12;
const REFS_MAX = 32;

function build(schema: unknown, place: Place): unknown {
  if (schema === true) return null;
  place.budget.nodesLeft -= 1;
  if (!isSchema(schema) || place.depth > DEPTH_MAX || place.budget.nodesLeft < 0) return undefined;
  const own = resolve(schema, place.root);
  if (!own) return undefined;
  if ('const' in own) return own.const;
  if (Array.isArray(own.enum)) return own.enum[0];
  const alternatives = own.anyOf ?? own.oneOf;
  return Array.isArray(alternatives) ? buildAny(own, alternatives, place) : buildTyped(own, place);
}

function buildAny(schema: Schema, alternatives: readonly unknown[], place: Place): unknown {
  const { anyOf: _, oneOf: __, ...base } = schema;
  for (const alternative of alternatives) {
    const merged = isSchema(alternative) ? merge(base, alternative) : alternative;
    const instance = build(merged, { ...place, depth: place.depth + 1 });
    if (instance !== undefined) return instance;
  }
  return undefined;
}

function buildTyped(schema: Schema, place: Place): unknown {
  for (const type of typesOf(schema)) {
    const instance = buildAs(type, schema, place);
    if (instance !== undefined) return instance;
  }
  return undefined;
}

function buildAs(type: unknown, schema: Schema, place: Place): unknown {
  switch (type) {
    case 'object':
      return buildObject(schema, place);
    case 'array':
      return buildArray(schema, place);
    case 'string':
      return stringFor(schema);
    case 'integer':
    case 'number':
      return numberFor(schema, type);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return undefined;
  }
}

function buildObject(schema: Schema, place: Place): Schema | undefined {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const made = new Map<string, unknown>();
  for (const name of new Set([...required, ...Object.keys(properties)])) {
    const part = Object.hasOwn(properties, name) ? properties[name] : (schema.additionalProperties ?? true);
    const value = build(part, { ...place, depth: place.depth + 1 });
    if (value !== undefined) made.set(name, value);
    else if (required.includes(name)) return undefined;
  }
  // Not by assignment: a property may be called __proto__.
  return fill(made, schema, place) ? Object.fromEntries(made) : undefined;
}

/** Adds properties of our own until there are as many as `minProperties` asks. */
function fill(made: Map<string, unknown>, schema: Schema, place: Place): boolean {
  const least = countOf(schema.minProperties, 0);
  for (let at = 1; made.size < least; at += 1) {
    const value = build(schema.additionalProperties ?? true, { ...place, depth: place.depth + 1 });
    if (value === undefined) return false;
    made.set(`simulated_${at}`, value);
  }
  return made.size <= countOf(schema.maxProperties, Number.POSITIVE_INFINITY);
}

function buildArray(schema: Schema, place: Place): readonly unknown[] | undefined {
  const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
  const least = countOf(schema.minItems, 0);
  const most = countOf(schema.maxItems, Number.POSITIVE_INFINITY);
  const wanted = Math.min(most, Math.max(least, prefix.length, 1));
  const items: unknown[] = [];
  for (let at = 0; at < wanted; at += 1) {
    const part = at < prefix.length ? prefix[at] : (schema.items ?? true);
    const item = build(part, { ...place, depth: place.depth + 1 });
    if (item === undefined) return items.length >= least ? items : undefined;
    items.push(schema.uniqueItems === true ? distinct(item, part, at) : item);
  }
  return items;
}

/** The nth different item: another value of an enumeration, or the item with its position worked in. */
function distinct(item: unknown, schema: unknown, at: number): unknown {
  if (isSchema(schema) && Array.isArray(schema.enum)) return schema.enum[at % schema.enum.length];
  if (at === 0) return item;
  if (typeof item === 'string') return `${item}${at}`;
  return typeof item === 'number' ? item + at : item;
}

function typesOf(schema: Schema): readonly unknown[] {
  if (Array.isArray(schema.type)) return [...schema.type.filter((type) => type !== 'null'), ...schema.type];
  if (schema.type !== undefined) return [schema.type];
  if (schema.properties !== undefined || schema.required !== undefined) return ['object'];
  if (schema.items !== undefined || schema.prefixItems !== undefined) return ['array'];
  if (schema.minimum !== undefined || schema.maximum !== undefined) return ['number'];
  return ['string'];
}

/** Follows `$ref` within the document and folds `allOf` in. Undefined when that leads nowhere. */
function resolve(schema: Schema, root: Schema): Schema | undefined {
  let own: Schema = schema;
  for (let refs = 0; typeof own.$ref === 'string'; refs += 1) {
    const { $ref: pointer, ...siblings } = own;
    const target = refs < REFS_MAX ? at(root, String(pointer)) : undefined;
    if (!isSchema(target)) return undefined;
    own = merge(target, siblings);
  }
  if (!Array.isArray(own.allOf)) return own;
  const { allOf, ...base } = own;
  return allOf
    .filter(isSchema)
    .reduce((folded: Schema, part) => merge(folded, resolve(part, root) ?? {}), base);
}

/** A JSON pointer (RFC 6901) in its fragment form. */
function at(root: Schema, pointer: string): unknown {
  if (pointer === '#') return root;
  if (!pointer.startsWith('#/')) return undefined;
  const steps = pointer.slice(2).split('/', 32);
  return steps.reduce<unknown>((node, step) => {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    return typeof node === 'object' && node !== null && Object.hasOwn(node, name)
      ? (node as Schema)[name]
      : undefined;
  }, root);
}

function merge(base: Schema, more: Schema): Schema {
  return {
    ...base,
    ...more,
    ...(isSchema(base.properties) && {
      properties: { ...base.properties, ...(isSchema(more.properties) ? more.properties : {}) },
    }),
    ...(Array.isArray(base.required) && {
      required: [...base.required, ...(Array.isArray(more.required) ? more.required : [])],
    }),
  };
}

function countOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : otherwise;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
