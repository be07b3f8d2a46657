/**
 * JSON that a jsonb value accepts whatever the strings hold: NUL characters and lone surrogates, which PostgreSQL
 * refuses, become U+FFFD.
 */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  return UNSTORABLE.test(text) ? JSON.stringify(value, replaceUnstorable) : text;
}

/** The only escapes that matter, as JSON.stringify writes them; an escaped backslash before `u` just costs a second look. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

function replaceUnstorable(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return clean(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [clean(name), member]));
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
