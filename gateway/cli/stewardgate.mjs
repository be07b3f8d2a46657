#!/usr/bin/env node
// Plain JavaScript, so that an older Node can read it and hand over to the one this project brings.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const own = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
const program = fileURLToPath(new URL('./stewardgate.ts', import.meta.url));
const runtime = existsSync(own) ? own : process.execPath;
const { status } = spawnSync(runtime, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
