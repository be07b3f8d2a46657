import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** `npm run bench -- <name> [options]`: runs `test/bench/<name>.ts`; its last line is one of JSON. */
const [name = '', ...options] = process.argv.slice(2);
const file = join(import.meta.dirname, `${name}.ts`);

if (/^[a-z]{1,32}$/.test(name) && name !== 'run' && existsSync(file)) {
  const bench = spawn(process.execPath, [file, ...options], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => bench.kill(signal));
  bench.once('exit', (code) => process.exit(code ?? 1));
} else {
  process.stderr.write(`usage: npm run bench -- <name> [options]\nnames: ${names().join(', ')}\n`);
  process.exit(2);
}

function names(): readonly string[] {
  const files = readdirSync(import.meta.dirname).filter(
    (entry) => entry.endsWith('.ts') && entry !== 'run.ts',
  );
  return files.map((entry) => entry.slice(0, -'.ts'.length)).toSorted();
}
