import { after, before, describe } from 'node:test';
import { Client } from 'pg';
import type { Database } from '../../gateway/adapters/postgres/database.ts';
import { openDatabase } from '../../gateway/adapters/postgres/open-database.ts';
import { auditSuite } from '../adapters/postgres/audit-suite.ts';
import { directorySuite } from '../adapters/postgres/directory-suite.ts';
import { ledgerSuite } from '../adapters/postgres/ledger-suite.ts';
import { migrateSuite } from '../adapters/postgres/migrate-suite.ts';
import { replaySuite } from '../adapters/postgres/replay-suite.ts';
import { serverSuite } from './postgres-server-suite.ts';

const url = process.env.DATABASE_URL;
const skip = url === undefined && 'DATABASE_URL is not set';

describe('the same suites on PostgreSQL', { skip }, () => {
  const name = `stewardgate_test_${process.pid}_${Date.now()}`;
  let database: Database;

  before(async () => {
    await administer(`CREATE DATABASE ${name}`);
    database = await openDatabase({ url: urlOf(name), dataDir: '' });
  });
  after(async () => {
    await database[Symbol.asyncDispose]();
    await administer(`DROP DATABASE ${name} WITH (FORCE)`);
  });

  migrateSuite(() => database);
  directorySuite(() => database);
  ledgerSuite(() => database);
  auditSuite(() => database);
  replaySuite(() => database);
  serverSuite(
    () => database,
    () => urlOf(name),
  );
});

function urlOf(name: string): string {
  const changed = new URL(url ?? '');
  changed.pathname = `/${name}`;
  return changed.href;
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
