import type { Rule } from './rule.ts';

/** A rule as a steward reads it: every cell of its line by the column's name. */
export function printRule(rule: Rule): Readonly<Record<string, string>> {
  const { id, position: _, eft, ...rest } = rule;
  const cells = Object.entries(rest).map(([name, value]) => [name, print(value)]);
  return { id, eft, ...Object.fromEntries(cells) };
}

function print(value: unknown): string {
  if (Array.isArray(value)) return value.join('|');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, duty]) => `${name}=${Array.isArray(duty) ? duty.join('+') : String(duty)}`)
    .join(';');
}
