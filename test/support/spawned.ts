import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DemoFile } from '../../gateway/demo.ts';
import { childEnvironment, childFlags } from './child.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const START_MS_MAX = 60_000;

/** The gateway as a process of its own, started as `npm start` does. */
export interface Spawned extends AsyncDisposable {
  readonly url: string;
  readonly demo: DemoFile;
  readonly child: ChildProcess;
  /** Sends the signal and resolves with the exit code, or null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Resolves when the gateway answers. Nothing of this process's own settings reaches it. */
export async function spawnGateway(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Spawned> {
  const env = {
    ...childEnvironment,
    STEWARDGATE_DATA_DIR: dataDir,
    PORT: '0',
    LOG_LEVEL: 'silent',
    ...environment,
  };
  const program = [...childFlags, '--import', './gateway/telemetry.ts', 'gateway/main.ts'];
  const child = spawn(process.execPath, program, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const url = await firstUrl(child);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(signal);
    const [code] = await once(child, 'exit');
    return code as number | null;
  };
  await (await fetch(`${url}/healthz`)).text(); // its first answer shows that it also listens to signals
  const demo = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as DemoFile;
  return { url, demo, child, end, [Symbol.asyncDispose]: () => end('SIGKILL').then(() => {}) };
}

/** The address in its first lines, once the last of its welcome is printed. */
async function firstUrl(child: ChildProcess): Promise<string> {
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS_MAX);
  let complaint = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    complaint += bytes.toString();
  });
  try {
    if (child.stdout === null) throw new Error('the gateway has no output');
    let url = '';
    for await (const line of createInterface({ input: child.stdout })) {
      url ||= /^Stewardgate demo on (\S+)/.exec(line)?.[1] ?? '';
      if (url !== '' && line.startsWith('curl ')) return url;
    }
    throw new Error(`the gateway did not start: ${complaint.slice(0, 2_000)}`);
  } finally {
    clearTimeout(timer);
    child.stdout?.resume();
  }
}
