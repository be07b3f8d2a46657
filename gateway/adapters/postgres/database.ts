import type { PgAsyncDatabase, PgAsyncTransaction, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** Reads and single-statement writes outside any transaction. */
export type Handle = PgAsyncDatabase<PgQueryResultHKT>;
/** Everything done through it commits or vanishes together; functions that change state ask for this type. */
export type Transaction = PgAsyncTransaction<PgQueryResultHKT>;

/** A connection of its own that runs one statement at a time, each its own transaction. */
export interface Writer extends AsyncDisposable {
  /** Resolves once committed. Rejects with the server's error, or any other when the outcome is not known. */
  run(statement: string, parameters: readonly unknown[]): Promise<void>;
}

/** The one door to storage, whichever engine is behind it. */
export interface Database extends AsyncDisposable {
  readonly kind: 'pglite' | 'postgres';
  /** Every use of it inside `transaction` throws: on one connection that would wait for itself. */
  readonly handle: Handle;
  /** As `handle`, on connections that slow queries cannot use up: for what every request needs. */
  readonly vital: Handle;
  /** As `vital`, on a connection that no caller can keep busy: for following what has changed. */
  readonly watch: Handle;
  /** Commits when `work` resolves, rolls back when it throws. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** A handle that holds one session until `work` is done, for session locks and schema changes. */
  session<T>(work: (handle: Handle) => Promise<T>): Promise<T>;
  openWriter(): Promise<Writer>;
  /** Calls `heard` on each NOTIFY, and once more after every lapse of the connection. The channel is a plain identifier. */
  listen(channel: string, heard: () => void): Promise<AsyncDisposable>;
}
