import type { Database } from './database.ts';
import { openPglite } from './pglite/open-pglite.ts';
import { openServer } from './server/open-server.ts';

export interface DatabaseOptions {
  /** A PostgreSQL URL; without it the embedded engine is used. */
  readonly url?: string;
  /** The embedded engine's folder, or `memory://` for one that is forgotten. */
  readonly dataDir: string;
  /** How often the embedded engine writes a checkpoint and collects statistics; default five minutes. */
  readonly upkeepMs?: number;
}

/**
 * Opens PostgreSQL at `url`, or else the embedded engine in `dataDir`.
 * Throws an Error that names the reason when the server is too old or may lose commits, or when another process
 * holds the folder.
 */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  if (options.url !== undefined) return openServer(options.url);
  return openPglite(options.dataDir, options.upkeepMs ?? UPKEEP_MS);
}

const UPKEEP_MS = 300_000;
