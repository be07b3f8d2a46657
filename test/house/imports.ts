import type { Token } from './source-tokens.ts';

/** `named` is a source file reached by its path in a string, such as a worker's. */
export interface Import {
  readonly kind: 'value' | 'type' | 'named';
  /** Undefined for a dynamic import whose target is computed. */
  readonly specifier: string | undefined;
  /** The words between `import` and `from`. */
  readonly names: readonly string[];
  readonly line: number;
}

/** Every way one source file reaches another: static, type-only, dynamic, re-export, require, or by path. */
export function readImports(tokens: readonly Token[]): readonly Import[] {
  const found: Import[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const one = importAt(tokens, at);
    if (one !== undefined) found.push(one);
  }
  const declared = new Set(found.map((one) => one.specifier));
  const byPath = tokens.filter((token) => SOURCE_PATH.test(token.text) && !declared.has(token.text));
  return [...found, ...byPath.map((token) => reach('named', token.text, [], token))];
}

const SOURCE_PATH = /^\.{1,2}\/[^\s]*\.[cm]?[jt]sx?$/;

function importAt(tokens: readonly Token[], at: number): Import | undefined {
  const token = tokens[at];
  if (token?.kind !== 'word' || isMark(tokens[at - 1], '.') || isMark(tokens[at + 1], ':')) return undefined;
  if (token.text === 'require' && isMark(tokens[at + 1], '(')) return called(tokens, at, token);
  if (token.text === 'export') return reExport(tokens, at, token);
  if (token.text !== 'import' || isMark(tokens[at + 1], '.')) return undefined;
  if (isMark(tokens[at + 1], '(')) return called(tokens, at, token);
  return clause(tokens, at, token, tokens[at + 1]?.text === 'type' && !isFrom(tokens, at + 2));
}

function called(tokens: readonly Token[], at: number, token: Token): Import {
  const target = tokens[at + 2];
  const kind = tokens[at - 1]?.text === 'typeof' ? 'type' : 'value';
  return reach(kind, target?.kind === 'text' ? target.text : undefined, [], token);
}

function reExport(tokens: readonly Token[], at: number, token: Token): Import | undefined {
  const typeOnly = tokens[at + 1]?.text === 'type';
  const opening = tokens[at + (typeOnly ? 2 : 1)];
  if (!isMark(opening, '{') && !isMark(opening, '*')) return undefined;
  return clause(tokens, at, token, typeOnly);
}

const CLAUSE_TOKENS_MAX = 2_000;

function clause(tokens: readonly Token[], at: number, token: Token, typeOnly: boolean): Import | undefined {
  const names: string[] = [];
  for (let next = at + 1; next < Math.min(tokens.length, at + CLAUSE_TOKENS_MAX); next += 1) {
    const here = tokens[next];
    if (here?.kind === 'text' && next === at + 1) return reach('value', here.text, [], token);
    if (isFrom(tokens, next)) return reach(typeOnly ? 'type' : 'value', tokens[next + 1]?.text, names, token);
    if (here?.kind === 'word') names.push(here.text);
    else if (!isClauseMark(here)) return undefined;
    if (isMark(here, '}') && !isFrom(tokens, next + 1)) return undefined;
  }
  return undefined;
}

function isClauseMark(token: Token | undefined): boolean {
  return token?.kind === 'text' || (token?.kind === 'mark' && '{},*'.includes(token.text));
}

function isFrom(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.text === 'from' && tokens[at + 1]?.kind === 'text';
}

function isMark(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'mark' && token.text === mark;
}

function reach(
  kind: Import['kind'],
  specifier: string | undefined,
  names: readonly string[],
  token: Token,
): Import {
  return { kind, specifier, names, line: token.line };
}
