import { createLedgerWriter } from '../../gateway/adapters/postgres/ledger-writer.ts';
import { migrate } from '../../gateway/adapters/postgres/migrate.ts';
import { openDatabase } from '../../gateway/adapters/postgres/open-database.ts';
import { aRecord } from '../adapters/postgres/fixtures.ts';

// A process of its own: appends to the folder it is given until it is killed, and prints each id once it is stored.
const database = await openDatabase({ dataDir: process.argv[2] ?? '', upkeepMs: 50 });
await migrate(database);
const ledger = createLedgerWriter(database);
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (let n = 0; n < 100_000; n += 1) {
      const record = aRecord();
      await ledger.append(record);
      process.stdout.write(`${record.recordId}\n`);
    }
  }),
);
