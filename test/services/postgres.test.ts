import { after, before, describe } from 'node:test';
import type { Database } from '../../gateway/adapters/postgres/database.ts';
import { openDatabase } from '../../gateway/adapters/postgres/open-database.ts';
import { auditSuite } from '../adapters/postgres/audit-suite.ts';
import { directorySuite } from '../adapters/postgres/directory-suite.ts';
import { ledgerSuite } from '../adapters/postgres/ledger-suite.ts';
import { migrateSuite } from '../adapters/postgres/migrate-suite.ts';
import { proofsSuite } from '../adapters/postgres/proofs-suite.ts';
import { replaySuite } from '../adapters/postgres/replay-suite.ts';
import { tokenSuite } from '../adapters/postgres/token-suite.ts';
import { administer, noServer, urlOf } from './administer.ts';
import { serverSuite } from './postgres-server-suite.ts';

describe('the same suites on PostgreSQL', { skip: noServer }, () => {
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
  tokenSuite(() => database);
  proofsSuite(() => database);
  serverSuite(
    () => database,
    () => urlOf(name),
  );
});
