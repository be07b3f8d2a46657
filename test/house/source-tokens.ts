/** `text` is a whole string literal without its quotes, `part` a piece of a template that has substitutions. */
export interface Token {
  readonly kind: 'word' | 'mark' | 'text' | 'part' | 'regex';
  readonly text: string;
  readonly line: number;
}

/** The tokens of TypeScript or JavaScript source, comments and white space left out; never throws. */
export function readTokens(source: string): readonly Token[] {
  const tokens: Token[] = [];
  const open: ('brace' | 'template')[] = [];
  let at = 0;
  let line = 1;
  while (at < source.length) {
    const closesTemplate = source[at] === '}' && open.at(-1) === 'template';
    const lexeme = closesTemplate ? templateRest(source, at) : nextLexeme(source, at, tokens.at(-1));
    if (lexeme.kind !== 'blank') tokens.push({ kind: lexeme.kind, text: lexeme.text, line });
    if (closesTemplate || lexeme.raw === '}') open.pop();
    if (lexeme.raw === '{') open.push('brace');
    if (lexeme.kind === 'part' && lexeme.raw.endsWith('${')) open.push('template');
    line += lexeme.raw.split('\n').length - 1;
    at += lexeme.raw.length;
  }
  return tokens;
}

interface Lexeme {
  readonly kind: Token['kind'] | 'blank';
  readonly raw: string;
  readonly text: string;
}

const BLANK = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|^#![^\n]*/y;
const WORD = /[\p{ID_Continue}$#]+/uy;
const QUOTED = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y;
const TEMPLATE = /[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y;

function nextLexeme(source: string, at: number, before: Token | undefined): Lexeme {
  const blank = match(BLANK, source, at);
  if (blank !== undefined) return { kind: 'blank', raw: blank, text: '' };
  const word = match(WORD, source, at);
  if (word !== undefined) return { kind: 'word', raw: word, text: word };
  const quoted = match(QUOTED, source, at);
  if (quoted !== undefined) return { kind: 'text', raw: quoted, text: quoted.slice(1, -1) };
  if (source[at] === '`') return templateRest(source, at);
  const regex = beginsExpression(before) ? match(REGEX, source, at) : undefined;
  if (regex !== undefined) return { kind: 'regex', raw: regex, text: regex };
  const mark = source.slice(at, at + 1);
  return { kind: 'mark', raw: mark, text: mark };
}

function templateRest(source: string, at: number): Lexeme {
  const raw = match(TEMPLATE, source, at) ?? source.slice(at);
  const whole = raw.startsWith('`') && raw.endsWith('`') && raw.length > 1;
  return { kind: whole ? 'text' : 'part', raw, text: whole ? raw.slice(1, -1) : raw };
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

const WORDS_BEFORE_REGEX = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'await',
  'yield',
  'throw',
  'else',
]);

/** A slash here opens a regular expression; after a value it would divide. */
function beginsExpression(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'word') return WORDS_BEFORE_REGEX.has(before.text);
  return before.kind === 'mark' && !')]}'.includes(before.text);
}
