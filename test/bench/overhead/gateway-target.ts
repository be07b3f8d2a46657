import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { request } from 'undici';
import { spawnLine } from './child.ts';

export interface Target {
  readonly url: string;
  readonly pid: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface GatewayTarget extends Target, AsyncDisposable {
  readonly services: { readonly storage: 'postgresql' | 'pglite'; readonly limits: 'redis' | 'memory' };
}

const ROOT = join(import.meta.dirname, '..', '..', '..');
const LIMITS = { requests_per_minute: 1_000_000, tokens_per_minute: 1_000_000_000, concurrent: 100_000 };

/** The gateway as `npm start` runs it, in front of `modelUrl`, with a tenant of its own whose limits are never reached. */
export async function gatewayTarget(modelUrl: string, errorsTo?: number): Promise<GatewayTarget> {
  await using stack = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), 'stewardgate-bench-'));
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const databaseUrl = process.env.DATABASE_URL && (await scratchDatabase(process.env.DATABASE_URL, stack));
  const profile = process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [];
  const gateway = stack.use(
    await spawnLine({
      core: 0,
      args: [...profile, '--import', `${ROOT}/gateway/telemetry.ts`, `${ROOT}/gateway/main.ts`],
      env: {
        NODE_ENV: 'production',
        PORT: '0',
        STEWARDGATE_DATA_DIR: dataDir,
        MODEL_UPSTREAM: 'openai',
        MODEL_UPSTREAM_URL: `${modelUrl}/v1`,
        MODEL_UPSTREAM_API_KEY: 'bench',
        LOG_LEVEL: 'info',
        ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      },
      ready: /^Stewardgate demo on (http\S+)/,
      ...(errorsTo === undefined ? {} : { errorsTo }),
    }),
  );
  const operator = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')).operators.owner.apiKey;
  const apiKey = await ownKey(gateway.line, operator);
  const parts = stack.move();
  return {
    url: gateway.line,
    pid: gateway.pid,
    headers: { authorization: `Bearer ${apiKey}` },
    services: {
      storage: databaseUrl ? 'postgresql' : 'pglite',
      limits: process.env.REDIS_URL ? 'redis' : 'memory',
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** An empty database beside the named one, dropped at the end: the demo world is seeded into nothing else. */
async function scratchDatabase(url: string, stack: AsyncDisposableStack): Promise<string> {
  const name = `stewardgate_bench_${process.pid}_${Date.now()}`;
  const administer = async (statement: string) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await administer(`CREATE DATABASE ${name}`);
  stack.defer(() => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

async function ownKey(url: string, operator: string): Promise<string> {
  const post = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${operator}`, 'content-type': 'application/json' };
    const answer = await request(`${url}/admin/v1${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 201) throw new Error(`${path} answered ${answer.statusCode} ${text}`);
    return JSON.parse(text);
  };
  const about = { name: 'Harbour Street Clinic', tier: 'covered-entity', default_purpose: 'HOPERAT' };
  await post('/tenants', { slug: 'bench-clinic', ...about, limits: LIMITS });
  const client = await post('/tenants/bench-clinic/clients', { name: 'Load generator', limits: LIMITS });
  const { secret } = await post('/tenants/bench-clinic/keys', { client: client.id });
  return secret;
}
