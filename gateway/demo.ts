import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DemoCredentials, seedDemoWorld } from './actions/demo-world.ts';
import { newClientKeyPair } from './adapters/identity/client-key-pair.ts';
import { systemIds } from './adapters/system/system.ts';
import type { Gateway } from './compose.ts';
import type { Config } from './config.ts';
import { Problem } from './domain/problem.ts';
import { Entry } from './pipeline/entry.ts';

export const DEMO_FILE = 'demo.json';

export interface DemoFile extends DemoCredentials<{ readonly privateJwk: unknown }> {
  readonly baseUrl: string;
  /** What to open in a browser: the API's own page, where a person can try each route. */
  readonly consoleUrl: string;
}

interface Scene {
  readonly url: string;
  readonly say: (line: string) => void;
}

/** Seeds the demo world on the first start, writes `demo.json` (mode 0600) and prints what to paste. */
export async function prepareDemo(gateway: Gateway, config: Config, { url, say }: Scene): Promise<void> {
  const file = join(config.dataDir, DEMO_FILE);
  const isEmpty = (await gateway.office.registry.listTenants()).length === 0;
  if (isEmpty) await seed(gateway, file).catch(unlessSeeded);
  else if (!existsSync(file) && existsSync(draftOf(file))) renameSync(draftOf(file), file);
  if (!existsSync(file)) {
    say(`The demo world exists but ${file} is gone; remove ${config.dataDir} to make a new one.`);
    return;
  }
  const credentials = readDemo(file);
  const demo: DemoFile = { ...credentials, baseUrl: url, consoleUrl: `${url}/docs` };
  write(file, demo);
  say(STORAGE[gateway.database.kind]);
  say(config.upstream.kind === 'simulated' ? SIMULATED : `Model: ${config.upstream.kind}.`);
  for (const line of greet(file)) say(line);
}

const STORAGE = {
  pglite: 'Storage: embedded PGlite. It is evaluation storage: it survives a kill, not a power loss.',
  postgres: 'Storage: PostgreSQL.',
} as const;
const SIMULATED = 'Model: simulated. It answers from fixed rules and must not guide care.';

/** The credentials are on disk as a draft before they are committed, so that a crash between the two loses neither. */
async function seed(gateway: Gateway, file: string): Promise<void> {
  const entry = new Entry(
    { clock: gateway.office.clock, ids: systemIds, origin: gateway.origin },
    { action: 'C' },
  );
  await gateway.change(async (desk) => {
    const credentials = await seedDemoWorld(gateway.office, desk, newClientKeyPair);
    write(draftOf(file), credentials);
    const tenants = Object.keys(credentials.tenants);
    entry.note({ eventType: 'admin.demo.seed', operatorId: 'local', admin: { tenants } });
    return { result: undefined, record: entry.close({ outcome: 'success', httpStatus: 201 }) };
  });
  renameSync(draftOf(file), file);
}

/** Of several gateways that start on one empty database the first one seeds it, and has the credentials. */
function unlessSeeded(fault: unknown): void {
  if (!(fault instanceof Problem && fault.code === 'already_exists')) throw fault;
}

/** Throws an Error that names a file which is damaged. */
function readDemo(file: string): DemoFile {
  try {
    const demo: Partial<DemoFile> = JSON.parse(readFileSync(file, 'utf8'));
    if (demo.tenants !== undefined) return demo as DemoFile; // written by this program alone
  } catch {}
  throw new Error(`${file} is damaged; restore it, or remove its folder to make a new demo world`);
}

const draftOf = (file: string) => `${file}.draft`;

function write(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  // The mode above counts only when the file is new.
  chmodSync(file, 0o600);
}

/** What a person at the terminal needs: where it answers, where the credentials are, one line to paste. */
export function greet(file: string): readonly string[] {
  const demo = readDemo(file);
  const key = demo.tenants.northwind?.apiKey ?? '';
  const body =
    '{"model":"mayo-cr","messages":[{"role":"user","content":"Adult with new hypertension: what next?"}]}';
  return [
    `Stewardgate demo on ${demo.baseUrl}`,
    `Credentials: ${file}`,
    `In a browser: ${demo.consoleUrl}`,
    '',
    'Ask the model as a partner would:',
    '',
    `curl -s ${demo.baseUrl}/v1/chat/completions -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '${body}'`,
    '',
  ];
}
