import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Office } from './actions/office.ts';
import { createDecisionPoint } from './adapters/casbin/decision-point.ts';
import { createOperatorPermissions } from './adapters/casbin/operator-permissions.ts';
import { createPolicySwitch } from './adapters/casbin/policy-switch.ts';
import { createKeySetFetch, type KeySetFetch } from './adapters/identity/key-set-fetch.ts';
import { createKeySets } from './adapters/identity/key-sets.ts';
import { createSignatures } from './adapters/identity/signatures.ts';
import { openSigningKeys, type SigningKeys } from './adapters/identity/signing-keys.ts';
import { createTokenIssuer } from './adapters/identity/token-issuer.ts';
import { createKeyring } from './adapters/keys/keyring.ts';
import { demoMasterKey } from './adapters/keys/master-key.ts';
import { createMemoryLimiter } from './adapters/limiter/memory-limiter.ts';
import { createRedisLimiter } from './adapters/limiter/redis-limiter.ts';
import { createAuditSearch } from './adapters/postgres/audit-search.ts';
import type { Database } from './adapters/postgres/database.ts';
import { changeOnRecord, type Desk } from './adapters/postgres/desk.ts';
import { createDirectory } from './adapters/postgres/directory.ts';
import { createLedgerWriter } from './adapters/postgres/ledger-writer.ts';
import { migrate } from './adapters/postgres/migrate.ts';
import { createModelCatalogue } from './adapters/postgres/model-catalogue.ts';
import { createTenantReader } from './adapters/postgres/registry/tenant-reader.ts';
import { createTokenClients } from './adapters/postgres/registry/token-clients.ts';
import { createReplayClaims } from './adapters/postgres/replay-claims.ts';
import { createSigningKeyStore } from './adapters/postgres/signing-key-store.ts';
import { createSpentNames } from './adapters/postgres/spent-names.ts';
import { createUsedProofs } from './adapters/postgres/used-proofs.ts';
import { createOrigin, randomOctets, sha256, systemClock, systemIds } from './adapters/system/system.ts';
import { createInstruments, timed } from './adapters/telemetry/instruments.ts';
import type { Logger } from './adapters/telemetry/logger.ts';
import { createAzureUpstream } from './adapters/upstream/azure.ts';
import { createOpenAiUpstream } from './adapters/upstream/openai.ts';
import { parseFixtures } from './adapters/upstream/simulated/fixtures.ts';
import { createSimulatedUpstream } from './adapters/upstream/simulated/simulated-upstream.ts';
import { type Config, ConfigError } from './config.ts';
import { TOKEN_SCOPE } from './contract/oauth.ts';
import type { AuditRecord } from './core/ledger/audit-record.ts';
import type { Ledger } from './core/ledger/ledger.ts';
import type { Limiter } from './core/limits/limiter.ts';
import type { UpstreamModel } from './core/models/upstream.ts';
import { parseRules } from './core/policy/parse-rules.ts';
import { printRule } from './core/policy/print-rule.ts';
import { WaitingRoom } from './core/replay/waiting-room.ts';
import type { Keyring } from './core/tenants/keyring.ts';
import { VerifiedTokens } from './core/tenants/verified-tokens.ts';
import type { AssertionAlgorithm } from './core/tokens/client-assertion.ts';
import type { Clock } from './domain/clock.ts';
import { PROOF_ALGS } from './domain/vocabulary.ts';
import type { Doors } from './http/doors.ts';
import { Traffic } from './http/traffic.ts';
import { ownUrl } from './own-url.ts';
import type { House, Origin } from './pipeline/house.ts';
import { type IssuingDesk, KEYS_PATH, TOKEN_PATH } from './pipeline/issuing-desk.ts';
import { createOwnerDesk } from './pipeline/owner-message.ts';
import { sayWhy } from './say-fault.ts';
import { openStorage } from './storage.ts';
import { guardAgainstFloods, keepForgetting, keepRotating, keepSweeping, rememberUse } from './upkeep.ts';

/** The whole gateway, put together and not yet listening; disposing of it closes every part in reverse order. */
export interface Gateway extends AsyncDisposable {
  readonly doors: Doors;
  readonly office: Office;
  readonly database: Database;
  /** Runs administrative work in one transaction with its record; the command line and the demo seed use it too. */
  readonly change: <T>(work: (desk: Desk) => Promise<{ result: T; record: AuditRecord }>) => Promise<T>;
  readonly origin: Origin;
  /** From now on `/readyz` says no. */
  readonly stopTaking: () => void;
}

export interface ComposeOptions {
  readonly log: Logger;
  readonly version: string;
  readonly exposition?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Where links point; known once the server listens. */
  readonly publicUrl?: () => string;
  readonly clock?: Clock;
  /** By which the gateway's own access tokens are known, when not by the keys that it signs with. */
  readonly ownKeys?: House['tokens']['ownKeys'];
  /** How the keys of identity providers are read, when not from the public internet. */
  readonly keySetFetch?: KeySetFetch;
}

const POLICIES = join(import.meta.dirname, '..', 'policies');

/** Opens storage, brings its schema up to date and connects every port to its adapter. Throws when any part cannot start. */
export async function compose(config: Config, options: ComposeOptions): Promise<Gateway> {
  await using stack = new AsyncDisposableStack();
  const { clock = systemClock, log } = options;
  const origin = createOrigin(options.version);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  chmodSync(config.dataDir, 0o700);
  const keyring = createKeyring(config.masterKey ?? demoMasterKey(config.dataDir));
  const database = stack.use(await openMigrated(config, log));
  const ledger = measured(stack.use(createLedgerWriter(database)));
  const directory = stack.use(await createDirectory(database, clock));
  const models = stack.use(await createModelCatalogue(database));
  const limiter = await openLimiter(config, { clock, log, stack });
  const upstream = await openUpstream(config, { clock, stack });
  const registry = createTenantReader(database.handle);
  const policy = await openPolicy(registry, log);
  const telemetry = createInstruments(PROVIDERS[config.upstream.kind]);
  const common = { clock, ids: systemIds, keyring, models, ledger };
  const refusals = guardAgainstFloods({ ...common, origin, stack, log });
  const signingKeys = await openKeys(config, { database, keyring, clock, stack, log });
  const noteUse = rememberUse(database, { clock, stack, log });
  await keepSweeping(database, { clock, origin, stack, log });
  await keepForgetting(database, { clock, stack, log });

  const settings = httpSettings(config, options);
  const house: House = {
    ...common,
    ownerMessage: createOwnerDesk({ keyring, preambleOf: models.preambleOf }),
    origin,
    directory,
    tokens: openTokens(database, {
      ownKeys: signingKeys,
      ...options,
      clock,
      stack,
      publicUrl: settings.publicUrl,
    }),
    policy,
    limiter,
    upstream,
    refusals,
    noteUse,
    telemetry,
    replays: openReplays(config, database),
  };
  const change: Gateway['change'] = (work) => changeOnRecord(database, work);
  const permits = createOperatorPermissions(readPolicies('operators.conf', 'operators.csv'));
  const audit = createAuditSearch(database);
  const office: Office = {
    ...common,
    random: randomOctets,
    digest: sha256,
    permits,
    change,
    registry,
    audit,
    policy,
  };
  const taking = { yes: true };
  const readiness = () => ({
    taking: taking.yes,
    ledger: ledger.isReady(),
    limiter: limiter.isReady(),
    models: hasVersions(models),
  });
  const operations = { readiness, metrics: options.exposition };
  const issuing = openIssuing(config, { database, signingKeys, origin: settings.publicUrl });
  const doors: Doors = { house, office, issuing, log, operations, settings, traffic: new Traffic() };
  const parts = stack.move();
  return {
    doors,
    office,
    database,
    change,
    origin,
    stopTaking: () => {
      taking.yes = false;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Versions that storage has not confirmed for a while count as none. */
function hasVersions(models: House['models']): boolean {
  try {
    return models.versions().length > 0;
  } catch {
    return false;
  }
}

const VERIFIED_TOKENS_MAX = 10_000;

interface Tokening extends Pick<ComposeOptions, 'keySetFetch'>, Making {
  readonly ownKeys: House['tokens']['ownKeys'];
  readonly publicUrl: () => string;
}

function openTokens(database: Database, parts: Tokening): House['tokens'] {
  const { clock, stack, publicUrl, ownKeys } = parts;
  const fetch = parts.keySetFetch ?? stack.use(createKeySetFetch());
  return {
    publicUrl,
    ownKeys,
    keySets: createKeySets(fetch, clock),
    signatures: createSignatures(),
    proofs: createUsedProofs(database),
    verified: new VerifiedTokens(VERIFIED_TOKENS_MAX),
  };
}

/** How many duplicates of one client may wait at a time, and how long. */
const WAITING_MAX = 128;
const WAIT_MS_MAX = 30_000;

function openReplays({ replayRetentionMs: retentionMs }: Config, database: Database): House['replays'] {
  const claims = createReplayClaims(database);
  return { claims, waiting: new WaitingRoom(WAITING_MAX), waitMsMax: WAIT_MS_MAX, retentionMs };
}

async function openKeys(
  { signingKeyRotationMs: rotationMs }: Config,
  { database, keyring, clock, stack, log }: Making & { database: Database; keyring: Keyring; log: Logger },
): Promise<SigningKeys> {
  const store = createSigningKeyStore(database);
  const keys = stack.use(await openSigningKeys({ store, keyring, clock, rotationMs }));
  keepRotating(keys, { stack, log });
  return keys;
}

interface IssuingParts {
  readonly database: Database;
  readonly signingKeys: SigningKeys;
  readonly origin: () => string;
}

/** In the order in which they are advertised. */
const ASSERTION_ALGORITHMS: readonly AssertionAlgorithm[] = ['ES384', 'ES256', 'PS256', 'RS384'];

function openIssuing(config: Config, { database, signingKeys, origin }: IssuingParts): IssuingDesk {
  const algorithms = [...ASSERTION_ALGORITHMS, ...(config.clientsMayUseRs256 ? (['RS256'] as const) : [])];
  const issuer = createTokenIssuer({
    keys: signingKeys,
    origin,
    paths: { token: TOKEN_PATH, jwks: KEYS_PATH },
    scope: TOKEN_SCOPE,
    assertionAlgorithms: algorithms,
    proofAlgorithms: PROOF_ALGS,
  });
  return {
    clients: createTokenClients(database),
    issuer,
    spent: createSpentNames(database),
    origin,
    algorithms,
    publicKeys: () => signingKeys.publicJwks(),
  };
}

function httpSettings(config: Config, { publicUrl, version }: ComposeOptions): Doors['settings'] {
  const configuredUrl = () => config.publicUrl ?? ownUrl(config);
  const { trustedProxies, legacyModelsRoute } = config;
  return { publicUrl: publicUrl ?? configuredUrl, trustedProxies, legacyModelsRoute, version };
}

const PROVIDERS = { simulated: 'stewardgate.simulated', openai: 'openai', azure: 'azure.ai.openai' } as const;

/** The database, migrated. */
async function openMigrated(config: Config, log: Logger): Promise<Database> {
  const database = await openStorage(config);
  try {
    const { applied, unknown } = await migrate(database);
    if (applied.length > 0) log.notice('migrated', { migrations: applied.length });
    if (unknown.length > 0) log.notice('schema_is_newer', { migrations: unknown.join(' ') });
    return database;
  } catch (fault) {
    await database[Symbol.asyncDispose]();
    throw fault;
  }
}

function measured(ledger: Ledger): Ledger {
  const append = timed('stewardgate.audit.commit.duration', (...args: Parameters<Ledger['append']>) =>
    ledger.append(...args),
  );
  return { append, isReady: () => ledger.isReady() };
}

interface Making {
  readonly clock: Clock;
  readonly stack: AsyncDisposableStack;
}

async function openLimiter(
  config: Config,
  { clock, log, stack }: Making & { log: Logger },
): Promise<Limiter> {
  if (config.redisUrl === undefined) return createMemoryLimiter(clock);
  const whenDown =
    config.limitsWhenRedisDown === 'insure'
      ? ({ whenDown: 'insure', replicas: config.replicas, clock } as const)
      : ({ whenDown: 'refuse' } as const);
  const onChange = (state: string, fault?: unknown) =>
    log.notice('limits_store', { state, fault: fault instanceof Error ? fault.name : 'none' });
  return stack.use(await createRedisLimiter({ url: config.redisUrl, ...whenDown, onChange }));
}

async function openUpstream(config: Config, { clock, stack }: Making): Promise<UpstreamModel> {
  const { upstream } = config;
  if (upstream.kind === 'openai') return stack.use(createOpenAiUpstream(upstream));
  if (upstream.kind === 'azure') return stack.use(createAzureUpstream(upstream));
  const callLogFile = join(config.dataDir, 'simulated-calls.log');
  return createSimulatedUpstream({ clock, callLogFile, ...fixturesIn(upstream.fixturesFile) });
}

function fixturesIn(file: string | undefined) {
  if (file === undefined) return {};
  try {
    return { fixtures: parseFixtures(readFileSync(file, 'utf8')) };
  } catch (fault) {
    throw new ConfigError(`MODEL_SIMULATED_FIXTURES: ${sayWhy(fault)}`, { cause: fault });
  }
}

function readPolicies(
  model: string,
  rules: string,
): { readonly modelText: string; readonly rulesText: string } {
  const read = (name: string) => readFileSync(join(POLICIES, name), 'utf8');
  return { modelText: read(model), rulesText: read(rules) };
}

/** The owner's policy set from `policies/`; a set that is not valid stops the start. */
async function openPolicy(registry: Office['registry'], log: Logger): Promise<Office['policy']> {
  const source = readPolicies('model.conf', 'stewardship.csv');
  const tenants = await registry.listTenants();
  const onFault = (fault: unknown) => log.fault({ id: 'policy', route: 'decide' }, fault);
  const point = createPolicySwitch(createDecisionPoint({ ...source, tenants, onFault }));
  const rules = parseRules(source.rulesText).map(printRule);
  return { current: () => point.current(), rules: () => rules };
}
