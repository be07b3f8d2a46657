import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';

/**
 * Runs the test files of a folder under test/ one after the other in this process, each as a suite with hooks of its
 * own: whoever opens a gateway first pays for loading it, and a folder of gateways then pays once.
 */
export function inOneProcess(folder: string): void {
  const room = join(import.meta.dirname, '..', folder);
  const files = readdirSync(room, { encoding: 'utf8', recursive: true }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  for (const file of files.toSorted()) {
    describe(`${folder}/${file}`, () => import(join(room, file)).then(() => {}));
  }
}
