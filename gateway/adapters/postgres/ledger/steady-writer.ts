import type { Writer } from '../database.ts';
import { withinMs } from '../within.ts';
import { storageFault } from './storage-fault.ts';

/** A writer that gets itself a new connection when the old one is lost or silent. */
export interface SteadyWriter extends AsyncDisposable {
  /** As Writer.run, but gives up, with the outcome unknown, a little after the server should have. */
  run(statement: string, parameters: readonly unknown[]): Promise<void>;
  /** False once nothing has worked for two seconds; probes find out when it works again. */
  isReady(): boolean;
}

export function createSteadyWriter(open: () => Promise<Writer>): SteadyWriter {
  let connection: Promise<Writer> | undefined;
  let failingSinceMs: number | undefined = performance.now();
  let running = 0;

  async function run(statement: string, parameters: readonly unknown[]): Promise<void> {
    connection ??= open();
    const current = connection;
    running += 1;
    try {
      await withinMs(
        RUN_MS,
        current.then((writer) => writer.run(statement, parameters)),
      );
      failingSinceMs = undefined;
    } catch (thrown) {
      const fault = storageFault(thrown);
      if (fault.kind !== 'row') failingSinceMs ??= performance.now();
      if (fault.kind === 'unknown' || isUnusable(fault.code)) drop(current);
      throw thrown;
    } finally {
      running -= 1;
    }
  }

  function drop(lost: Promise<Writer>): void {
    if (connection === lost) connection = undefined;
    // One that is still being opened is closed whenever it comes.
    lost.then((writer) => writer[Symbol.asyncDispose]()).catch(() => undefined);
  }

  const probing = setInterval(() => {
    if (failingSinceMs !== undefined && running === 0) run(PROBE, []).catch(() => undefined);
  }, PROBE_MS);
  probing.unref();

  return {
    run,
    isReady: () => failingSinceMs === undefined || performance.now() - failingSinceMs < PATIENCE_MS,
    async [Symbol.asyncDispose]() {
      clearInterval(probing);
      const last = await connection?.catch(() => undefined);
      await last?.[Symbol.asyncDispose]();
    },
  };
}

/** The server cancels a statement after one second. */
const RUN_MS = 1_200;
const PATIENCE_MS = 2_000;
const PROBE_MS = 250;
/** Stores nothing, yet needs what storing needs: the table, its lock and the right to write. */
const PROBE = 'INSERT INTO audit_record SELECT * FROM audit_record WHERE false';

/** Shutting down, or a server that takes no writes: another connection may reach the one that does. */
function isUnusable(sqlState: string): boolean {
  return sqlState.startsWith('57P') || sqlState.startsWith('25006');
}
