import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { childEnvironment, childFlags } from './child.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Said {
  /** 0 done, 1 mismatch or refusal, 2 usage. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a verb of the command line as a process of its own, with these settings and no others. */
export function stewardgate(
  verb: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const env = { ...childEnvironment, ...settings };
  const args = [...childFlags, join(ROOT, 'gateway/cli/stewardgate.ts'), ...verb];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, timeout: 180_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 255, out, err });
    });
  });
}
