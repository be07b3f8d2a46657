import { accessSync, constants, statfsSync } from 'node:fs';
import { join } from 'node:path';

// Loaded before every test process: a hundred of them open a gateway of their own, so its start is what the suite costs.

/** Compiled modules are kept between processes, also by those that tests start. */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../../node_modules/.cache/compiled');

/** Databases are thrown away with their test, so they live in memory where the machine has some to spare. */
const MEMORY_FOLDER = '/dev/shm';
const ENOUGH_BYTES = 2 * 1024 ** 3;

if (process.env.TMPDIR === undefined && hasRoom(MEMORY_FOLDER)) process.env.TMPDIR = MEMORY_FOLDER;

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= ENOUGH_BYTES;
  } catch {
    return false;
  }
}
