import type { Desk } from '../adapters/postgres/desk.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { compose, type Gateway } from '../compose.ts';
import { type Config, readConfig } from '../config.ts';
import { Entry } from '../pipeline/entry.ts';
import { ownVersion } from './own-version.ts';

/** Opens this machine's own gateway without listening, does the work, and closes it again. */
export async function withGateway<T>(work: (gateway: Gateway, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig();
  await using gateway = await compose(config, { log: createLogger('error'), version: ownVersion() });
  return await work(gateway, config);
}

/** A change made by whoever may open the database, recorded as the operator `local`. */
export function changeLocally<T>(
  gateway: Gateway,
  about: { readonly event: string; readonly note: Readonly<Record<string, unknown>> },
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  const { clock, ids } = gateway.office;
  const entry = new Entry({ clock, ids, origin: gateway.origin }, { eventType: about.event, action: 'C' });
  entry.note({ operatorId: 'local', admin: about.note });
  return gateway.change(async (desk) => {
    const result = await work(desk);
    return { result, record: entry.close({ outcome: 'success', httpStatus: 200 }) };
  });
}
