import { AsyncLocalStorage } from 'node:async_hooks';

/** Keeps code inside a transaction from using the database beside it: one connection that waits for itself never wakes. */
export interface TransactionGuard {
  /** The same handle, but inside `run` every use of it throws, wherever it was got. */
  outside<Handle extends object>(handle: Handle): Handle;
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createTransactionGuard(): TransactionGuard {
  const scopes = new AsyncLocalStorage<{ open: boolean }>();
  return {
    outside: (handle) =>
      new Proxy(handle, {
        get(target, member, receiver) {
          if (scopes.getStore()?.open) throw new Error('inside a transaction use tx, not the database');
          return Reflect.get(target, member, receiver);
        },
      }),
    async run(work) {
      const scope = { open: true };
      try {
        return await scopes.run(scope, work);
      } finally {
        scope.open = false;
      }
    },
  };
}
