import { chmodSync, mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/**
 * Holds a folder for this process alone until disposed; the operating system frees it when the process dies, however
 * that happens. Creates the folder (mode 0700). Throws an Error that names the folder when another process holds it.
 *
 * The embedded engine itself lets two processes open one folder and then silently loses rows. A lock file with a
 * heartbeat would be stolen from a process that a long query blocks; SQLite takes a real file lock on every platform.
 */
export function lockFolder(folder: string): Disposable {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const lock = new DatabaseSync(`${folder}.lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new Error(refusal(folder, cause), { cause });
  }
  chmodSync(`${folder}.lock`, 0o600);
  return { [Symbol.dispose]: () => lock.close() };
}

/** SQLITE_BUSY (https://www.sqlite.org/rescode.html). */
const BUSY = 5;

function refusal(folder: string, cause: unknown): string {
  const isBusy = (cause as { errcode?: number }).errcode === BUSY; // node:sqlite names its faults so
  return isBusy
    ? `another process is using the database folder ${folder}; stop it first`
    : `the database folder ${folder} cannot be locked: ${cause instanceof Error ? cause.message : 'unknown fault'}`;
}
