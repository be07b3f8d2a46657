import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line for each test file that no script runs, or more than one; a file under test/all runs the folder it is named for. */
export function findTestsNotRunOnce(root: string): readonly string[] {
  const started = scriptsOf(root)
    .flatMap((script) => [...script.matchAll(/"(test\/[^"]+)"/g)])
    .flatMap(([, pattern = '']) => globSync(pattern, { cwd: root }))
    .map(toSlashes);
  const folders = started.flatMap((file) => /^test\/all\/(.+)\.test\.ts$/.exec(file)?.[1] ?? []);
  const joined = folders.flatMap((folder) => globSync(`test/${folder}/**/*.test.ts`, { cwd: root }));
  const runs = Map.groupBy([...started, ...joined.map(toSlashes)], (file) => file);
  return globSync('test/**/*.test.ts', { cwd: root })
    .map(toSlashes)
    .filter((file) => runs.get(file)?.length !== 1)
    .map((file) => `${file}: run ${runs.get(file)?.length ?? 0} times`)
    .toSorted();
}

function scriptsOf(root: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return Object.values(manifest.scripts);
}

const toSlashes = (path: string) => path.replaceAll('\\', '/');
