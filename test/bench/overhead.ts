import { parseArgs } from 'node:util';
import { spawnLine } from './overhead/child.ts';
import { gatewayTarget } from './overhead/gateway-target.ts';
import { type Bench, measure } from './overhead/measure.ts';
import { printReport } from './overhead/report.ts';
import { openLoad } from './overhead/work.ts';

const USAGE = `usage: npm run bench -- overhead [--seconds 2] [--rounds 3] [--streams 2000] [--paced]
  The gateway against a bare Express + undici proxy. DATABASE_URL and REDIS_URL name the servers to use;
  without them the gateway runs on its embedded database and in-process limits. Needs Linux.
`;

const HERE = `${import.meta.dirname}/overhead`;

async function main(): Promise<void> {
  const bench = readOptions();
  await using stack = new AsyncDisposableStack();
  const model = stack.use(await spawnLine({ core: 1, args: [`${HERE}/mock-model.ts`], env: {} }));
  const env = { MODEL_URL: model.line, NODE_ENV: 'production' };
  const bare = stack.use(await spawnLine({ core: 0, args: [`${HERE}/bare-proxy.ts`], env }));
  const gateway = stack.use(await gatewayTarget(model.line));
  const load = stack.use(openLoad());
  const targets = {
    model: { url: model.line, pid: model.pid, headers: {} },
    bare: { url: bare.line, pid: bare.pid, headers: {} },
    gateway,
  };
  const figures = await measure(bench, { load, targets });
  printReport(figures, { bench, services: gateway.services });
}

function readOptions(): Bench {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: { seconds: text, rounds: text, streams: text, paced: { type: 'boolean' } },
    });
    const bench = {
      seconds: Number(values.seconds ?? 2),
      rounds: Number(values.rounds ?? 3),
      streams: Number(values.streams ?? 2_000),
      paced: values.paced === true,
    };
    if ([bench.seconds, bench.rounds].every((value) => value > 0) && bench.streams >= 0) return bench;
  } catch {
    // An option that is not known is answered like one with a bad value.
  }
  process.stderr.write(USAGE);
  return process.exit(2);
}

await main();
