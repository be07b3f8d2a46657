import type { z } from 'zod';
import { Problem } from '../domain/problem.ts';

/** What a schema accepts, for floors that hold schemas without knowing the library behind them. */
export type Schema = z.ZodType;
export type Output<S extends Schema> = z.output<S>;

/**
 * The value as the schema has it. Throws what `explain` makes of a value that the schema refuses, else
 * `unknown_parameter` or `invalid_parameter` for its first fault.
 */
export function parseOrRefuse<S extends Schema>(
  schema: S,
  value: unknown,
  explain: (value: unknown) => Problem | undefined = () => undefined,
): Output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw explain(value) ?? faultOf(parsed.error);
  return parsed.data;
}

/** Named by the parameter's path; a path that holds anything but plain names is not repeated. */
function faultOf(error: z.ZodError): Problem {
  const { issue, path: place } = innermost(error.issues[0]);
  const isUnknown = issue?.code === 'unrecognized_keys';
  const path = [...place, ...(isUnknown ? issue.keys.slice(0, 1) : [])].join('.');
  const param = /^[A-Za-z0-9_.]{1,96}$/.test(path) ? { param: path } : {};
  return new Problem(isUnknown ? 'unknown_parameter' : 'invalid_parameter', param);
}

type Issue = z.core.$ZodIssue | undefined;

/** Of a union the branch that was meant: the one whose fault is not that the value is of another kind altogether. */
function innermost(issue: Issue): { readonly issue: Issue; readonly path: readonly PropertyKey[] } {
  if (issue?.code !== 'invalid_union') return { issue, path: issue?.path ?? [] };
  const meant = issue.errors
    .map(([first]) => first)
    .find((first) => first !== undefined && !isMismatch(first));
  if (meant === undefined) return { issue, path: issue.path };
  const inner = innermost(meant);
  return { issue: inner.issue, path: [...issue.path, ...inner.path] };
}

function isMismatch({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && ['invalid_type', 'invalid_value', 'invalid_union'].includes(code);
}
