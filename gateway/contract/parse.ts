import type { z } from 'zod';
import { Problem } from '../domain/problem.ts';

/** What a schema accepts, for floors that hold schemas without knowing the library behind them. */
export type Schema = z.ZodType;
export type Output<S extends Schema> = z.output<S>;

/** The value as the schema has it. Throws `unknown_parameter` or `invalid_parameter` for its first fault. */
export function parseOrRefuse<S extends Schema>(schema: S, value: unknown): Output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw faultOf(parsed.error);
  return parsed.data;
}

/** Named by the parameter's path; a path that holds anything but plain names is not repeated. */
function faultOf(error: z.ZodError): Problem {
  const issue = error.issues[0];
  const isUnknown = issue?.code === 'unrecognized_keys';
  const path = [...(issue?.path ?? []), ...(isUnknown ? issue.keys.slice(0, 1) : [])].join('.');
  const param = /^[A-Za-z0-9_.]{1,96}$/.test(path) ? { param: path } : {};
  return new Problem(isUnknown ? 'unknown_parameter' : 'invalid_parameter', param);
}
