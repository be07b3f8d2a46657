import { Problem } from './problem.ts';

const DEPTH_MAX = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Refuses what `JSON.parse` lets pass and two readers may read differently: repeated keys (RFC 8259 section 4), deep
 * nesting, a `__proto__` key. Takes text that `JSON.parse` has accepted; one pass over it.
 * Throws `json_too_deep`, `duplicate_key` or `unknown_parameter`.
 */
export function guardJson(text: string): void {
  const scopes: (Set<string> | null)[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (expectsKey) admitKey(scopes.at(-1), text.slice(at, end + 1));
        expectsKey = false;
        at = end;
        break;
      }
      case OPEN_BRACE:
        enter(scopes, new Set());
        expectsKey = true;
        break;
      case OPEN_BRACKET:
        enter(scopes, null);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        scopes.pop();
        expectsKey = false;
        break;
      case COMMA:
        expectsKey = scopes.at(-1) instanceof Set;
        break;
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at;
    if (unit === BACKSLASH) at += 1;
  }
  return text.length;
}

function enter(scopes: (Set<string> | null)[], scope: Set<string> | null): void {
  if (scopes.length >= DEPTH_MAX) throw new Problem('json_too_deep');
  scopes.push(scope);
}

function admitKey(keys: Set<string> | null | undefined, quoted: string): void {
  if (keys === null || keys === undefined) return;
  const key = quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
  if (key === '__proto__') throw new Problem('unknown_parameter');
  if (keys.has(key)) throw new Problem('duplicate_key');
  keys.add(key);
}
