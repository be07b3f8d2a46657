import { cpuMicros, rssMegabytes } from './child.ts';
import type { Target } from './gateway-target.ts';
import type { Load, Outcome, Shape } from './work.ts';

export interface Bench {
  readonly seconds: number;
  readonly rounds: number;
  readonly streams: number;
  readonly paced: boolean;
}

export type TargetName = 'model' | 'bare' | 'gateway';

interface Scene {
  readonly load: Load;
  readonly targets: Readonly<Record<TargetName, Target>>;
}

export interface Row {
  readonly target: TargetName;
  readonly shape: Shape;
  readonly connections: number;
  readonly refused: number;
  readonly cpuMicros: readonly number[];
  readonly perSecond: readonly number[];
  readonly p50Ms: readonly number[];
  readonly p99Ms: readonly number[];
  readonly firstWordP50Ms: readonly number[];
}

export interface Figures {
  readonly rows: readonly Row[];
  readonly rss: { readonly beforeMb: number; readonly afterMb: number; readonly bareMb: number };
}

const THROUGHPUT: readonly TargetName[] = ['bare', 'gateway'];
const LATENCY: readonly TargetName[] = ['model', 'bare', 'gateway'];
const CONNECTIONS = { json: 16, stream: 16, paced: 64 } as const;

/** All cases; targets take turns inside each round, so that a busy neighbour is busy for both. */
export async function measure(bench: Bench, scene: Scene): Promise<Figures> {
  const shapes: readonly Shape[] = bench.paced ? ['json', 'stream', 'paced'] : ['json', 'stream'];
  const rows: Row[] = [];
  await warm(scene);
  for (const shape of shapes)
    rows.push(
      ...(await compare(bench, scene, { shape, connections: CONNECTIONS[shape], names: THROUGHPUT })),
    );
  rows.push(...(await compare(bench, scene, { shape: 'json', connections: 1, names: LATENCY })));
  if (bench.paced)
    rows.push(...(await compare(bench, scene, { shape: 'paced', connections: 1, names: LATENCY })));
  const { gateway, bare } = scene.targets;
  const beforeMb = rssMegabytes(gateway.pid);
  if (bench.streams > 0)
    await scene.load.run({
      ...gateway,
      shape: 'stream',
      connections: 64,
      secondsMax: 600,
      requestsMax: bench.streams,
    });
  return { rows, rss: { beforeMb, afterMb: rssMegabytes(gateway.pid), bareMb: rssMegabytes(bare.pid) } };
}

/** Until the hot paths are compiled; the gateway's are longer, and some settle only after 20,000 requests. */
async function warm({ load, targets }: Scene): Promise<void> {
  for (const shape of ['json', 'stream'] as const) {
    for (const [name, secondsMax] of WARM_SECONDS) {
      await load.run({ ...targets[name], shape, connections: 32, secondsMax, requestsMax: 20_000 });
    }
  }
}

const WARM_SECONDS: readonly (readonly [TargetName, number])[] = [
  ['bare', 3],
  ['gateway', 10],
];

interface Case {
  readonly shape: Shape;
  readonly connections: number;
  readonly names: readonly TargetName[];
}

async function compare(
  bench: Bench,
  scene: Scene,
  { shape, connections, names }: Case,
): Promise<readonly Row[]> {
  const turns = new Map<TargetName, { cpu: number; outcome: Outcome }[]>(names.map((name) => [name, []]));
  for (let round = 0; round < bench.rounds; round++) {
    for (const name of names) {
      const target = scene.targets[name];
      const before = cpuMicros(target.pid);
      const order = { shape, connections, secondsMax: bench.seconds, requestsMax: Number.MAX_SAFE_INTEGER };
      const outcome = await scene.load.run({ ...target, ...order });
      turns.get(name)?.push({ cpu: (cpuMicros(target.pid) - before) / outcome.requests, outcome });
    }
  }
  return [...turns].map(([target, taken]) => ({
    target,
    shape,
    connections,
    refused: taken.reduce((sum, { outcome }) => sum + outcome.refused, 0),
    cpuMicros: taken.map(({ cpu }) => cpu),
    perSecond: taken.map(({ outcome }) => outcome.requests / outcome.seconds),
    p50Ms: taken.map(({ outcome }) => outcome.p50Ms),
    p99Ms: taken.map(({ outcome }) => outcome.p99Ms),
    firstWordP50Ms: taken.map(({ outcome }) => outcome.firstWordP50Ms),
  }));
}
