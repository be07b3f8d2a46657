import { inArray, sql } from 'drizzle-orm';
import type { KeyChange, SigningKey, SigningKeyStore } from '../../core/tokens/signing-key.ts';
import type { Database, Handle, Transaction } from './database.ts';
import { watchEpoch } from './directory/epoch-watch.ts';
import { signingKey } from './schema/tokens.ts';
import { withProblems } from './storage-problem.ts';
import { withinMs } from './within.ts';

/** The keys that sign access tokens, one row each, followed as the directory is. */
export function createSigningKeyStore(database: Database): SigningKeyStore {
  return {
    follow: (heard) =>
      watchEpoch(database, async () => heard(await withinMs(ANSWER_MS, readKeys(database.watch)))),
    change: (change) =>
      withProblems(() =>
        database.transaction(async (tx) => {
          await tx.execute(sql`SELECT pg_advisory_xact_lock(${LOCK})`);
          await apply(tx, await change(await readKeys(tx)));
        }),
      ),
  };
}

const ANSWER_MS = 900;
/** An arbitrary number that nothing else in this database locks. */
const LOCK = 7_301_944_003;
const KEYS_MAX = 100;

function readKeys(handle: Handle | Transaction): Promise<SigningKey[]> {
  const { kid, publicJwk, sealedKey, signsFrom } = signingKey;
  return handle.select({ kid, publicJwk, sealedKey, signsFrom }).from(signingKey).limit(KEYS_MAX);
}

async function apply(tx: Transaction, { added, removed }: KeyChange): Promise<void> {
  if (removed.length > 0) await tx.delete(signingKey).where(inArray(signingKey.kid, [...removed]));
  for (const key of added)
    await tx.insert(signingKey).values({ ...key, sealedKey: Buffer.from(key.sealedKey) });
}
