import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Keeps the log of a process in a file, and counts what went wrong in it. */
export interface KeptErrors extends Disposable {
  readonly file: number;
  count(): { readonly faults: number; readonly unhandled: number; readonly notJson: number };
}

export function keepErrors(): KeptErrors {
  const folder = mkdtempSync(join(tmpdir(), 'stewardgate-soak-'));
  const path = join(folder, 'errors.log');
  const file = openSync(path, 'a');
  return {
    file,
    count: () => {
      const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
      const faults = lines.filter((line) => line.includes('"event":"fault"'));
      const unhandled = faults.filter((line) => /"route":"un(handledRejection|caughtException)"/.test(line));
      const notJson = lines.filter((line) => !line.startsWith('{'));
      return { faults: faults.length, unhandled: unhandled.length, notJson: notJson.length };
    },
    [Symbol.dispose]: () => {
      closeSync(file);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
