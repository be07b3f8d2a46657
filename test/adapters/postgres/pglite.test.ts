import { after, before } from 'node:test';
import type { Database } from '../../../gateway/adapters/postgres/database.ts';
import { openDatabase } from '../../../gateway/adapters/postgres/open-database.ts';
import { auditSuite } from './audit-suite.ts';
import { directorySuite } from './directory-suite.ts';
import { ledgerSuite } from './ledger-suite.ts';
import { migrateSuite } from './migrate-suite.ts';
import { proofsSuite } from './proofs-suite.ts';
import { replaySuite } from './replay-suite.ts';
import { tokenSuite } from './token-suite.ts';

let database: Database;
before(async () => {
  database = await openDatabase({ dataDir: 'memory://' });
});
after(() => database[Symbol.asyncDispose]());

migrateSuite(() => database);
directorySuite(() => database);
ledgerSuite(() => database);
auditSuite(() => database);
replaySuite(() => database);
tokenSuite(() => database);
proofsSuite(() => database);
