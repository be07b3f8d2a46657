import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Cell } from './cell.ts';
import type { Driver } from './driver.ts';
import type { Expectation, Scenario } from './scenarios.ts';

interface Table {
  readonly drivers: readonly Driver[];
  readonly scenarios: readonly Scenario[];
  readonly cells: readonly Cell[];
  /** Whether the gateway can have budgets at all. */
  readonly hasBudgets: boolean;
}

const GROUPS = [
  ['answers', 'Answers'],
  ['refusals', 'Refusals before the first word'],
  ['broken', 'Answers that break off'],
] as const;

/** `gateway/COMPATIBILITY.md`: what each stock client makes of the gateway, as it was seen. */
export function printTable(table: Table): string {
  const notes: string[] = [];
  const sections = GROUPS.flatMap(([group, heading]) => section(table, { group, heading, notes }));
  return [
    '# Which clients work',
    '',
    'Written by `test/clients/matrix.test.ts`, which drives every client below against a whole gateway and fails when one of them sees anything else than is declared in `test/clients/scenarios.ts`. `WRITE_GOLDEN=1 node --test test/clients/matrix.test.ts` writes it anew.',
    '',
    '| client | version | pointed at the gateway by |',
    '|---|---|---|',
    ...table.drivers.map((one) => line([one.name, versionOf(one.packageName), one.pointing])),
    '',
    `The AI SDK's providers are driven through \`ai\` ${versionOf('ai')}. A tick says that text, finish reason, usage and error are the ones of the row, and that one request reached the gateway, or the number given. A client may ask again twice by itself; that is the default of \`openai\` and the AI SDK, and was set for LangChain, whose default is six. A number in brackets: the client does it in its own way, told below and held to that as well. A dash: it has no such call. Not built: the gateway does not serve it.`,
    ...sections,
    '',
    '## What differs',
    '',
    ...notes.map((note, at) => `${at + 1}. ${note}`),
    '',
    '## Error classes',
    '',
    "A refusal before the first word is, in `openai` and LangChain, the class of its status (`BadRequestError`, `AuthenticationError`, `PermissionDeniedError`, `NotFoundError`, `RateLimitError`, `InternalServerError`), with the gateway's `code`; in the AI SDK `AI_APICallError` with the code in `data.error.code`, inside an `AI_RetryError` when it had been asked again.",
    '',
    '| what broke off | `openai` | AI SDK | LangChain |',
    '|---|---|---|---|',
    ...table.scenarios.flatMap(kindsLine),
    '',
  ].join('\n');
}

interface Heading {
  readonly group: Scenario['group'];
  readonly heading: string;
  readonly notes: string[];
}

function section(table: Table, { group, heading, notes }: Heading): readonly string[] {
  const rows = table.scenarios.filter((one) => one.group === group);
  const budget = group === 'refusals' && !table.hasBudgets;
  const blank = table.drivers.map(() => '');
  return [
    '',
    `## ${heading}`,
    '',
    line(['the client asks for', 'and sees', ...table.drivers.map(({ name }) => name)]),
    line(['---', '---', ...table.drivers.map(() => '---')]),
    ...rows.map((scenario) => {
      const cells = table.drivers.map((driver) => cellText(table, { driver, scenario, notes }));
      return line([scenario.title, sight(scenario), ...cells]);
    }),
    ...(budget ? [line(['a budget that is used up', 'not built', ...blank])] : []),
  ];
}

interface Place {
  readonly driver: Driver;
  readonly scenario: Scenario;
  readonly notes: string[];
}

function cellText({ cells }: Table, { driver, scenario, notes }: Place): string {
  const cell = cells.find((one) => one.driver === driver && one.scenario === scenario);
  if (cell === undefined) return 'not built';
  if (cell.seen === null) return '–';
  const times = cell.seen.requests === 1 ? '' : ` ${cell.seen.requests} requests`;
  if (cell.exception === undefined) return `✓${times}`;
  const note = `${cell.exception.drivers.join(', ')}: ${cell.exception.because}.`;
  if (!notes.includes(note)) notes.push(note);
  return `(${notes.indexOf(note) + 1})${times}`;
}

function sight({ call, expects }: Scenario): string {
  const { error, finish, textBegins } = expects;
  const parts = [
    call === 'embeddings' && !error ? 'a vector' : '',
    error?.status ? `${error.status}` : error ? 'an error' : '',
    error?.code ? `\`${error.code}\`` : '',
    finish ? `\`${finish}\`` : '',
    ...EACH.filter(([name]) => has(expects, name)).map(([, words]) => words),
    textBegins === undefined ? '' : 'what had come',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

const EACH = [
  ['text', 'text'],
  ['refusal', 'refusal'],
  ['tools', 'name and arguments'],
  ['value', 'value'],
  ['names', 'names'],
  ['usage', 'usage'],
] as const;

const has = (expects: Expectation, name: keyof Expectation) =>
  expects[name] !== undefined && expects[name] !== '';

function kindsLine({ title, expects, group }: Scenario): readonly string[] {
  const kinds = expects.error?.kinds;
  if (kinds === undefined || group !== 'broken') return [];
  return [line([title, `\`${kinds.openai}\``, `\`${kinds['ai-sdk']}\``, `\`${kinds.langchain}\``])];
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function versionOf(packageName: string): string {
  const entry = createRequire(import.meta.url).resolve(packageName);
  const root = entry.slice(
    0,
    entry.lastIndexOf(join('node_modules', packageName)) + join('node_modules', packageName).length,
  );
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}
