import { Pool } from 'undici';
import type { Order, Outcome } from './work.ts';

/** Keeps so many requests under way at a target and says how long they took. Started by `openLoad`. */
process.on('message', (order: Order) => {
  run(order).then(
    (outcome) => process.send?.(outcome),
    (fault: unknown) => process.send?.({ fault: String(fault) }),
  );
});

const QUESTION =
  'Adult with newly found hypertension, seen twice in clinic with 152/96 and 148/94 mmHg, no diabetes, normal renal ' +
  'function, body mass index 29, takes ibuprofen for knee pain on most days. What would you do next, and why? ';

async function run(order: Order): Promise<Outcome> {
  const pool = new Pool(order.url, {
    connections: order.connections,
    pipelining: 1,
    keepAliveTimeout: 60_000,
  });
  const startedAt = performance.now();
  const taken: number[] = [];
  const firstWords: number[] = [];
  const refusals: string[] = [];
  let broken = 0;
  let begun = 0;
  const lane = async () => {
    while (begun < order.requestsMax && performance.now() - startedAt < order.secondsMax * 1_000) {
      begun += 1;
      const sentAt = performance.now();
      const { firstWordAt, refusal, isBroken } = await ask(pool, order);
      if (isBroken) broken += 1;
      if (refusal !== undefined) {
        refusals.push(refusal);
        continue;
      }
      taken.push(performance.now() - sentAt);
      firstWords.push(firstWordAt - sentAt);
    }
  };
  try {
    await Promise.all(Array.from({ length: order.connections }, lane));
  } finally {
    await pool.close();
  }
  const share = refusals.length / begun;
  if (share > REFUSED_SHARE_MAX) throw new Error(`${refusals.length} of ${begun} refused: ${refusals[0]}`);
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    requests: begun,
    refused: refusals.length,
    broken,
    codes: codesOf(refusals),
    seconds,
    p50Ms: quantile(taken, 0.5),
    p99Ms: quantile(taken, 0.99),
    firstWordP50Ms: quantile(firstWords, 0.5),
  };
}

function codesOf(refusals: readonly string[]): Record<string, number> {
  const codes: Record<string, number> = {};
  for (const refusal of refusals) {
    const code = /"code":"(\w{1,64})"/.exec(refusal)?.[1] ?? 'none';
    codes[code] = (codes[code] ?? 0) + 1;
  }
  return codes;
}

/** A machine too busy to let Redis answer within the gateway's deadline refuses a few; more than these spoil the run. */
const REFUSED_SHARE_MAX = 0.1;

interface Asked {
  readonly firstWordAt: number;
  readonly refusal?: string;
  readonly isBroken: boolean;
}

/** One exchange, checked: 200 and a whole answer. Gives when its first text came. */
function ask(pool: Pool, { shape, headers }: Order): Promise<Asked> {
  const { promise, resolve, reject } = Promise.withResolvers<Asked>();
  let status = 0;
  let firstWordAt = 0;
  let tail = '';
  const request = {
    path: '/v1/chat/completions',
    method: 'POST',
    headers: { ...headers, ...JSON_TYPE },
  } as const;
  pool.dispatch(
    { ...request, body: BODIES[shape] },
    {
      onRequestStart: () => {},
      onResponseStart: (_, code) => {
        status = code;
      },
      onResponseData: (_, bytes) => {
        if (firstWordAt === 0 && bytes.includes('For an')) firstWordAt = performance.now();
        tail = bytes.subarray(-1_024).toString('latin1');
      },
      onResponseEnd: () => {
        const isWhole = shape === 'json' ? tail.includes('total_tokens') : tail.includes('data: [DONE]');
        const isBroken = status === 200 && !isWhole;
        const isGood = status === 200 && isWhole;
        resolve({ firstWordAt, isBroken, ...(isGood ? {} : { refusal: `${status} ${tail}` }) });
      },
      onResponseError: (_, error) => reject(error),
    },
  );
  return promise;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const BODIES = { json: body(false, ''), stream: body(true, ''), paced: body(true, 'PACE') };

function body(stream: boolean, mark: string): string {
  const system = {
    role: 'system',
    content: `You help clinicians; answer briefly and say what is uncertain. ${mark}`,
  };
  const user = { role: 'user', content: QUESTION.repeat(4).slice(0, 800) };
  return JSON.stringify({ model: 'mayo-cr-1', messages: [system, user], max_completion_tokens: 512, stream });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
