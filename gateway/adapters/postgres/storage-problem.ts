import { DrizzleQueryError } from 'drizzle-orm/errors';
import { Problem, type ProblemCode } from '../../domain/problem.ts';
import { storageFault } from './ledger/storage-fault.ts';

/**
 * The work's result, with the failures of storage as Problems: `already_exists` for a taken name, `not_found` for a
 * reference to nothing, `invalid_parameter` for a value that storage cannot hold or read, such as a NUL or the year 0,
 * `service_unavailable` when storage does not answer. Anything else is thrown as it is.
 */
export async function withProblems<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const code = problemCode(thrown);
    throw code === undefined ? thrown : new Problem(code, { cause: thrown });
  }
}

function problemCode(thrown: unknown): ProblemCode | undefined {
  if (thrown instanceof Problem) return undefined;
  const fault = storageFault(thrown instanceof DrizzleQueryError ? thrown.cause : thrown);
  if (fault.kind === 'row') return ROW_PROBLEMS[fault.code.slice(0, 5)];
  if (fault.kind === 'storage') return 'service_unavailable';
  return thrown instanceof DrizzleQueryError || isConnectionFault(thrown) ? 'service_unavailable' : undefined;
}

const ROW_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  22007: 'invalid_parameter',
  22008: 'invalid_parameter',
  22021: 'invalid_parameter',
  23505: 'already_exists',
  23503: 'not_found',
};

/** The pool and the sockets throw plain errors, told apart only by the system's code or the text. */
function isConnectionFault(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if ('code' in thrown && typeof thrown.code === 'string' && SYSTEM_CODE.test(thrown.code)) return true;
  return CONNECTION_TEXT.test(thrown.message);
}

const SYSTEM_CODE = /^E[A-Z]{2,20}$/;
const CONNECTION_TEXT = /connection|timeout|pool after calling end|closed|no answer within/i;
