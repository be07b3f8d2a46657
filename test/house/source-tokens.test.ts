import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readImports } from './imports.ts';
import { readTokens } from './source-tokens.ts';

const words = (source: string) =>
  readTokens(source)
    .filter((token) => token.kind === 'word')
    .map((token) => token.text);

test('comments are not code', () => {
  assert.deepEqual(words('a; // b\n/* c\n d */ e'), ['a', 'e']);
});

test('strings and templates are not code, but what a template substitutes is', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text to be read
  assert.deepEqual(words('f(\'a\', "b // c", `d ${g({ h: `${i}` })} e`)'), ['f', 'g', 'h', 'i']);
});

test('a regular expression is not code, and a division is not a regular expression', () => {
  assert.deepEqual(words('x = /[/"] import/g; y = a / b / c;'), ['x', 'y', 'a', 'b', 'c']);
});

test('tokens know their line, past comments and strings of many lines', () => {
  const last = readTokens('/* 1\n2 */\n`3\n4`\nhere').at(-1);
  assert.deepEqual(last, { kind: 'word', text: 'here', line: 5 });
});

test('source that is cut anywhere is read to its end', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text to be read
  const source = "import { a } from './a.ts'; const b = `x ${y('z')} w`; /* c */ /d/.test(b)";
  for (let end = 0; end <= source.length; end += 1) assert.ok(readImports(readTokens(source.slice(0, end))));
});

const kindsOf = (source: string) =>
  readImports(readTokens(source)).map((one) => `${one.kind} ${one.specifier ?? '?'}`);

test('every way of importing is seen with its kind', () => {
  const ways: Record<string, string> = {
    "import './a.ts'": 'value ./a.ts',
    "import a from './a.ts'": 'value ./a.ts',
    "import type from './a.ts'": 'value ./a.ts',
    "import a, { type B, c as d } from './a.ts'": 'value ./a.ts',
    "import * as a from './a.ts'": 'value ./a.ts',
    "import { type A } from './a.ts'": 'value ./a.ts',
    "import {\n  a, // from './b.ts'\n} from './a.ts'": 'value ./a.ts',
    "import type { A } from './a.ts'": 'type ./a.ts',
    "import type A from './a.ts'": 'type ./a.ts',
    "export { a } from './a.ts'": 'value ./a.ts',
    "export * from './a.ts'": 'value ./a.ts',
    "export * as a from './a.ts'": 'value ./a.ts',
    "export type { A } from './a.ts'": 'type ./a.ts',
    "export type * from './a.ts'": 'type ./a.ts',
    "const a = await import('./a.ts')": 'value ./a.ts',
    'const a = await import(`./a.ts`)': 'value ./a.ts',
    "type A = typeof import('./a.ts')": 'type ./a.ts',
    'const a = await import(name)': 'value ?',
    "const a = require('./a.ts')": 'value ./a.ts',
    "new Worker(new URL('./a.ts', import.meta.url))": 'named ./a.ts',
    "import data from './a.json' with { type: 'json' }": 'value ./a.json',
  };
  for (const [source, expected] of Object.entries(ways))
    assert.deepEqual(kindsOf(source), [expected], source);
});

test('what only looks like an import is not one', () => {
  const others = [
    "// import './a.ts'",
    'const text = "import \'./a.css\'"',
    "a.import('./a.css')",
    'import.meta.dirname',
    "export const from = 'a'",
    "export { a }; const b = { from: 'c' }",
    "export type From = 'a'",
    "const x = { import: 'a' }",
  ];
  for (const source of others) assert.deepEqual(kindsOf(source), [], source);
});
