import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';

export interface ChildOptions {
  /** The core it is pinned to, where `taskset` is installed and there are two. */
  readonly core: 0 | 1;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The first line of standard output that says the process is ready; its first group is kept. */
  readonly ready?: RegExp;
  /** An open file that takes its standard error; without one that is thrown away. */
  readonly errorsTo?: number;
}

export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly line: string;
}

export const isPinned = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

const READY_MS = 60_000;

/** A Node process of its own, once it has said that it is ready. Disposing of it ends it. */
export async function spawnLine({
  core,
  args,
  env,
  ready = /^(http\S+)$/,
  errorsTo,
}: ChildOptions): Promise<Child> {
  const command = [...(isPinned ? ['taskset', '-c', String(core)] : []), process.execPath, ...args];
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', errorsTo ?? 'ignore'],
  });
  const line = await readyLine(child, ready).catch(async (fault) => {
    await end(child);
    throw fault;
  });
  child.stdout?.resume();
  child.once('exit', (code, signal) => {
    if (!child.killed) process.stderr.write(`${args.at(-1)} ended early with ${code ?? signal}\n`);
  });
  return { pid: child.pid ?? 0, line, [Symbol.asyncDispose]: () => end(child) };
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(impatience);
}

function readyLine(child: ChildProcess, ready: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${child.spawnargs.join(' ')}: ${why}`));
    const timer = setTimeout(() => fail('not ready in time'), READY_MS);
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}; run it alone to see why`));
    if (child.stdout === null) return fail('no output');
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => {
      const found = ready.exec(line)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      lines.close();
      resolve(found);
    });
  });
}

const TICKS_PER_SECOND = Number(spawnSync('getconf', ['CLK_TCK']).stdout ?? 100) || 100;

/** CPU time of the whole process so far, user and system, in microseconds; seen from outside, so that it costs nothing. */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / TICKS_PER_SECOND;
}

export function rssMegabytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1_024;
}
