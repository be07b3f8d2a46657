/** Why storage did not take a batch: a row in it, storage itself, or nobody knows whether it was taken. */
export type StorageFault =
  | { readonly kind: 'row'; readonly code: string }
  | { readonly kind: 'storage'; readonly code: string }
  | { readonly kind: 'unknown' };

/** Reads what a driver threw. Keeps the SQLSTATE (PostgreSQL appendix A) and the constraint, never values. */
export function storageFault(thrown: unknown): StorageFault {
  if (!isServerError(thrown)) return { kind: 'unknown' };
  const code = thrown.constraint ? `${thrown.code} ${thrown.constraint}` : thrown.code;
  return { kind: ROW_FAULTS.has(thrown.code.slice(0, 2)) ? 'row' : 'storage', code };
}

/** Data exception, integrity violation, program limit: the classes that a row's own values can cause. */
const ROW_FAULTS: ReadonlySet<string> = new Set(['22', '23', '54']);

interface ServerError {
  readonly severity: string;
  readonly code: string;
  readonly constraint?: string;
}

/** Faults of the connection have codes too, such as EPIPE, but no severity. */
function isServerError(thrown: unknown): thrown is ServerError {
  return (
    thrown instanceof Error && 'severity' in thrown && 'code' in thrown && typeof thrown.code === 'string'
  );
}
