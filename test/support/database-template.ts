import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { migrate } from '../../gateway/adapters/postgres/migrate.ts';
import { openDatabase } from '../../gateway/adapters/postgres/open-database.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'stewardgate-test');

/**
 * Puts a migrated, empty embedded database into the folder. It is made once for each state of the migrations and
 * then copied: making one costs seconds of CPU, a copy a fraction of one.
 */
export async function copyDatabase(into: string): Promise<void> {
  const template = join(CACHE, nameOfState());
  if (!existsSync(template)) await makeTemplate(template);
  const needless = NEVER_OPENED.map((folder) => join(template, folder));
  cpSync(template, into, { recursive: true, filter: (path) => !needless.includes(path) });
}

/** The templates that PostgreSQL makes new databases from: three files in five, and the gateway makes none. */
const NEVER_OPENED = ['base/1', 'base/4'];

/** Made aside and put in place by one rename, so that test processes may race. */
async function makeTemplate(template: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const draft = mkdtempSync(join(CACHE, 'draft-'));
  const dataDir = join(draft, 'database');
  const database = await openDatabase({ dataDir });
  await migrate(database);
  await database[Symbol.asyncDispose]();
  try {
    renameSync(dataDir, template);
  } catch (fault) {
    if (!existsSync(template)) throw fault;
  }
  rmSync(draft, { recursive: true, force: true });
}

function nameOfState(): string {
  const hash = createHash('sha256');
  const migrations = join(ROOT, 'migrations');
  const files = readdirSync(migrations, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  const paths = files.map((file) => join(file.parentPath, file.name)).toSorted();
  for (const path of [
    ...paths,
    join(ROOT, 'gateway/adapters/postgres/pglite/open-pglite.ts'),
    enginePackage(),
  ]) {
    hash.update(path.slice(ROOT.length)).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}

function enginePackage(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return join(dirname(entry), '..', 'package.json');
}
