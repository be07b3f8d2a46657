import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTokens, type Token } from './source-tokens.ts';
import { filesUnder } from './tree.ts';

export type WordRule = 'left-over' | 'machine-path' | 'default-export' | 'any' | 'only' | 'long-file';

export interface WordFault {
  readonly rule: WordRule;
  readonly path: string;
  readonly line: number;
}

/** Words, exports and lengths that do not belong in a finished tree. */
export function wordFaults(root: string): readonly WordFault[] {
  return filesUnder(root)
    .filter((path) => READ_BY_PEOPLE.test(path) && path !== 'package-lock.json')
    .flatMap((path) => faultsIn(path, readFileSync(join(root, path), 'utf8')));
}

const READ_BY_PEOPLE =
  /\.(ts|tsx|mjs|js|sql|css|html|http|md|ya?ml|json|csv|conf|cfg|sh|example)$|(^|\/)(Dockerfile|run)$/;
const SOURCE = /\.(ts|tsx|mjs|js)$/;

function faultsIn(path: string, text: string): readonly WordFault[] {
  const lines = text.split('\n').flatMap((line, index) =>
    LINE_RULES.filter(([, pattern]) => pattern.test(line)).map(([rule]) => ({
      rule,
      path,
      line: index + 1,
    })),
  );
  const tokens = SOURCE.test(path) ? readTokens(text) : [];
  return [
    ...lines,
    ...tokens.flatMap((token, at) => tokenFaults(path, token, tokens, at)),
    ...lengthFaults(path, text),
  ];
}

/** Cut in two, so that this file is not a hit of its own. */
const LEFT_OVERS = ['TO|DO', 'FIX|ME', 'X|XX', 'HA|CK'].map((word) => word.replace('|', ''));
const EXCUSES = ['not imple|mented', 'in production you wo|uld', 'stub for |now', 'place|holder'].map(
  (words) => words.replace('|', ''),
);
const CHECKOUTS = ['wo|rk', 'ro|ot', 'ho|me', 'Us|ers'].map((folder) => folder.replace('|', ''));

const LINE_RULES: readonly (readonly [WordRule, RegExp])[] = [
  ['left-over', new RegExp(`\\b(${LEFT_OVERS.join('|')})\\b|${EXCUSES.join('|')}`, 'i')],
  ['machine-path', new RegExp(`(^|[\\s'"\`(=:])/(${CHECKOUTS.join('|')})/`)],
];

function tokenFaults(path: string, token: Token, tokens: readonly Token[], at: number): readonly WordFault[] {
  const rule = tokenRule(path, token, tokens, at);
  return rule === undefined ? [] : [{ rule, path, line: token.line }];
}

/** The drizzle command line reads its settings from a default export and nowhere else. */
const MUST_EXPORT_DEFAULT = ['drizzle.config.ts'];

function tokenRule(path: string, token: Token, tokens: readonly Token[], at: number): WordRule | undefined {
  const before = tokens[at - 1]?.text;
  const after = tokens[at + 1]?.text;
  if (token.kind !== 'word') return undefined;
  if (token.text === 'default' && (before === 'export' || (before === 'as' && after === '}'))) {
    return MUST_EXPORT_DEFAULT.includes(path) ? undefined : 'default-export';
  }
  if (token.text === 'any' && before !== '.' && after !== '(' && after !== ':') return 'any';
  if (token.text === 'only' && isFocus(before, tokens[at - 2]?.text, after)) return 'only';
  return undefined;
}

function isFocus(before: string | undefined, owner: string | undefined, after: string | undefined): boolean {
  const called = before === '.' && ['test', 'it', 'describe', 'suite', 't'].includes(owner ?? '');
  return called || (after === ':' && (before === '{' || before === ','));
}

const GATEWAY_LINES_MAX = 400;

function lengthFaults(path: string, text: string): readonly WordFault[] {
  const lines = text.split('\n').length - 1;
  const tooLong = path.startsWith('gateway/') && SOURCE.test(path) && lines > GATEWAY_LINES_MAX;
  return tooLong ? [{ rule: 'long-file', path, line: lines }] : [];
}
