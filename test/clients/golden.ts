import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Holds text to a file that is only written when `WRITE_GOLDEN=1` is set, and read in review. */
export function assertGolden(file: string, text: string): void {
  if (process.env.WRITE_GOLDEN === '1') writeFileSync(file, text);
  assert.equal(existsSync(file) ? readFileSync(file, 'utf8') : '', text);
}
