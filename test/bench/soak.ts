import { parseArgs } from 'node:util';
import { rssMegabytes, spawnLine } from './overhead/child.ts';
import { gatewayTarget, type Target } from './overhead/gateway-target.ts';
import { type Load, openLoad } from './overhead/work.ts';
import { keepErrors } from './soak/faults.ts';
import { type Sample, slopePerThousand } from './soak/slope.ts';

const USAGE = `usage: npm run bench -- soak [--streams 10000] [--warm 7500] [--connections 64]
  Whether memory grows over many streams, and whether anything went wrong in them; the bare Express + undici proxy in
  the same run is the baseline. DATABASE_URL and REDIS_URL name the servers to use. Needs Linux.
`;

const HERE = `${import.meta.dirname}/overhead`;
/** Memory is looked at after each of so many turns. */
const TURNS = 20;

interface Soak {
  readonly streams: number;
  /** The first turn: code is compiled, and V8 widens its heap until it has collected all of it once. */
  readonly warm: number;
  readonly connections: number;
}

async function main(): Promise<void> {
  const soak = readOptions();
  await using stack = new AsyncDisposableStack();
  const errors = stack.use(keepErrors());
  const model = stack.use(await spawnLine({ core: 1, args: [`${HERE}/mock-model.ts`], env: {} }));
  const env = { MODEL_URL: model.line, NODE_ENV: 'production' };
  const proxy = stack.use(await spawnLine({ core: 0, args: [`${HERE}/bare-proxy.ts`], env }));
  const gateway = stack.use(await gatewayTarget(model.line, errors.file));
  const load = stack.use(openLoad());
  const bare = { url: proxy.line, pid: proxy.pid, headers: {} };
  const runs = await soakBoth(soak, load, { gateway, bare });
  print(soak, runs, { ...errors.count(), services: gateway.services });
}

type Name = 'gateway' | 'bare';
interface Run {
  /** Before the first stream. */
  readonly coldMb: number;
  readonly samples: Sample[];
  refused: number;
  broken: number;
  readonly codes: Record<string, number>;
}

/** The two take turns, so that a busy neighbour is busy for both. */
async function soakBoth(
  soak: Soak,
  load: Load,
  targets: Readonly<Record<Name, Target>>,
): Promise<Readonly<Record<Name, Run>>> {
  const fresh = ({ pid }: Target): Run => ({
    coldMb: rssMegabytes(pid),
    samples: [],
    refused: 0,
    broken: 0,
    codes: {},
  });
  const runs = { gateway: fresh(targets.gateway), bare: fresh(targets.bare) };
  const share = Math.ceil(soak.streams / TURNS);
  for (let turn = 0; turn <= TURNS; turn += 1) {
    const requestsMax = turn === 0 ? soak.warm : share;
    for (const name of ['bare', 'gateway'] as const) {
      const order = {
        shape: 'stream',
        connections: soak.connections,
        secondsMax: 600,
        requestsMax,
      } as const;
      const { refused, broken, codes } = await load.run({ ...targets[name], ...order });
      runs[name].samples.push({ streams: turn * share, rssMb: rssMegabytes(targets[name].pid) });
      runs[name].refused += refused;
      runs[name].broken += broken;
      addTo(runs[name].codes, codes);
    }
  }
  return runs;
}

function addTo(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [code, count] of Object.entries(more)) sums[code] = (sums[code] ?? 0) + count;
}

interface Errors {
  readonly faults: number;
  readonly unhandled: number;
  readonly notJson: number;
  readonly services: Readonly<Record<string, string>>;
}

/** A line for people on each, then one line of JSON. */
function print(soak: Soak, runs: Readonly<Record<Name, Run>>, errors: Errors): void {
  const figures = { gateway: figuresOf(runs.gateway), bare: figuresOf(runs.bare) };
  for (const [name, { coldMb, warmMb, peakMb, afterMb, growthMb, ...run }] of Object.entries(figures)) {
    process.stdout.write(
      `${name.padEnd(8)} RSS ${coldMb} MB cold, ${warmMb} MB warm, ${peakMb} MB at most, ${afterMb} MB after, growth ${growthMb} MB; ` +
        `${run.slope} MB per 1,000 streams in the second half; ` +
        `${run.refused} refused, ${run.broken} of them broken off\n`,
    );
  }
  const { faults, unhandled, notJson } = errors;
  process.stdout.write(
    `gateway  ${faults} faults logged, ${unhandled} of them unhandled; ${notJson} lines outside its log\n`,
  );
  process.stdout.write(
    `${JSON.stringify({ bench: 'soak', node: process.version, ...soak, ...errors, ...figures })}\n`,
  );
}

function figuresOf({ coldMb, samples, refused, broken, codes }: Run) {
  const first = samples[0]?.rssMb ?? Number.NaN;
  const last = samples.at(-1)?.rssMb ?? Number.NaN;
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    coldMb: round(coldMb),
    warmMb: round(first),
    peakMb: round(Math.max(...samples.map(({ rssMb }) => rssMb))),
    afterMb: round(last),
    growthMb: round(last - first),
    slope: round(slopePerThousand(samples.slice(samples.length / 2))),
    refused,
    broken,
    codes,
    samplesMb: samples.map(({ rssMb }) => round(rssMb)),
  };
}

function readOptions(): Soak {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ options: { streams: text, warm: text, connections: text } });
    const soak = {
      streams: Number(values.streams ?? 10_000),
      warm: Number(values.warm ?? 7_500),
      connections: Number(values.connections ?? 64),
    };
    if (Object.values(soak).every((value) => Number.isInteger(value) && value > 0)) return soak;
  } catch {
    // An option that is not known is answered like one with a bad value.
  }
  process.stderr.write(USAGE);
  return process.exit(2);
}

await main();
