import { cpus, totalmem } from 'node:os';
import { isPinned } from './child.ts';
import type { Bench, Figures, Row, TargetName } from './measure.ts';
import type { Shape } from './work.ts';

interface Verdict {
  readonly about: string;
  readonly figure: number;
  readonly must: number;
  readonly aim: number;
}

/** What the figures are held against; where they come from is told in `gateway/decisions/0060-performance.md`. */
const TARGETS = {
  'json, CPU ÷ bare Express': [4.5, 3],
  'stream, CPU ÷ bare Express': [4, 2.5],
  'added p50 at 1 connection, ms': [3, 1],
  'added p99 at 1 connection, ms': [10, 4],
  'RSS, MB': [350, 250],
  'RSS growth, MB': [20, 20],
} as const;

interface About {
  readonly bench: Bench;
  readonly services: Readonly<Record<string, string>>;
}

/** A table for people, then one line of JSON. */
export function printReport(figures: Figures, { bench, services }: About): void {
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryMb: Math.round(totalmem() / 1_048_576),
    node: process.version,
    pinned: isPinned,
  };
  const verdicts = verdictsOf(figures);
  const lines = [
    `machine   ${machine.cpus} x ${machine.model}, Node ${machine.node}, ${isPinned ? 'proxies on core 0, the rest on core 1' : 'not pinned'}`,
    `gateway   storage ${services.storage}, limits ${services.limits}, telemetry and log on; medians of ${bench.rounds} rounds (lowest-highest)`,
    '',
    row(
      'target',
      'case',
      'conn.',
      'CPU µs/request',
      'requests/s',
      'p50 ms',
      'p99 ms',
      'first word ms',
      'refused',
    ),
    ...figures.rows.map(lineOf),
    '',
    `RSS       gateway ${round(figures.rss.beforeMb)} MB, after ${bench.streams} more streams ${round(figures.rss.afterMb)} MB; bare ${round(figures.rss.bareMb)} MB`,
    '',
    ...verdicts.map(({ about, figure, must, aim }) => {
      const judged = figure <= aim ? 'reaches the aim' : figure <= must ? 'within must' : 'MISSED';
      return `${about.padEnd(34)} ${round(figure).padStart(8)}   must <= ${must}, aim <= ${aim}   ${judged}`;
    }),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  process.stdout.write(
    `${JSON.stringify({ bench: 'overhead', machine, services, ...bench, verdicts, ...figures })}\n`,
  );
}

function verdictsOf(figures: Figures): readonly Verdict[] {
  const cpu = (name: TargetName, shape: Shape) => median(find(figures, name, shape, 16).cpuMicros);
  const added = (pick: (one: Row) => readonly number[]) =>
    median(pick(find(figures, 'gateway', 'json', 1))) - median(pick(find(figures, 'model', 'json', 1)));
  const found = {
    'json, CPU ÷ bare Express': cpu('gateway', 'json') / cpu('bare', 'json'),
    'stream, CPU ÷ bare Express': cpu('gateway', 'stream') / cpu('bare', 'stream'),
    'added p50 at 1 connection, ms': added((one) => one.p50Ms),
    'added p99 at 1 connection, ms': added((one) => one.p99Ms),
    'RSS, MB': figures.rss.afterMb,
    'RSS growth, MB': figures.rss.afterMb - figures.rss.beforeMb,
  };
  return Object.entries(TARGETS).map(([about, [must, aim]]) => ({
    about,
    figure: found[about as keyof typeof TARGETS],
    must,
    aim,
  }));
}

function find({ rows }: Figures, target: TargetName, shape: Shape, connections: number): Row {
  const found = rows.find(
    (one) => one.target === target && one.shape === shape && one.connections === connections,
  );
  if (found === undefined) throw new Error(`${target} ${shape} was not measured`);
  return found;
}

function lineOf(one: Row): string {
  const shown = [one.cpuMicros, one.perSecond, one.p50Ms, one.p99Ms, one.firstWordP50Ms].map(spread);
  const [cpu = '', perSecond = '', p50 = '', p99 = '', firstWord = ''] = shown;
  return row(
    one.target,
    one.shape,
    String(one.connections),
    cpu,
    perSecond,
    p50,
    p99,
    firstWord,
    String(one.refused),
  );
}

function row(...cells: readonly string[]): string {
  const widths = [9, 8, 6, 24, 24, 20, 20, 20, 8];
  return cells
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join('')
    .trimEnd();
}

function spread(values: readonly number[]): string {
  return `${round(median(values))} (${round(Math.min(...values))}-${round(Math.max(...values))})`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function round(value: number): string {
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 10
      ? value.toFixed(1)
      : value.toFixed(2);
}
