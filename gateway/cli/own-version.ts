import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** This release's version, as package.json says it. */
export function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
  return String(version);
}
