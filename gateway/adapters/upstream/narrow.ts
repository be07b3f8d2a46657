import { Problem } from '../../domain/problem.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Neither absent nor null. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** The fields of an object; throws `upstream_error` for anything else. */
export function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notUnderstood();
  return value as Fields;
}

/** The entries of a list; throws `upstream_error` for anything else. */
export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw notUnderstood();
  return value;
}

/** The Problem of an answer that has not the shape of one. */
export function notUnderstood(): Problem {
  return new Problem('upstream_error', { cause: 'the answer cannot be understood' });
}
