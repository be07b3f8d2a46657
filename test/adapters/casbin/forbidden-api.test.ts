import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../../', import.meta.url);
const BUILDER = 'gateway/adapters/casbin/build-engine.ts';

/** Each was seen to fail open, or lets a live engine change under a request. */
const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ['reloading an engine', /\bload(Filtered|IncrementalFiltered)?Policy\b/],
  [
    'clearing an engine',
    /\bclearPolicy\b|\bremove(Filtered|Named)?(Grouping)?Polic(y|ies)\b|\bupdatePolicy\b/,
  ],
  ['switching enforcement off', /\benableEnforce\b/],
  ['an engine that caches', /\bCachedEnforcer\b|\bnewCachedEnforcer\b/],
  ['an engine with a reload lock', /\bSyncedEnforcer\b|\bnewSyncedEnforcer\b/],
  ['patterns and paths', /\b(regexMatch|globMatch|ipMatch|keyMatch\d?|keyGet\d?)\b/],
  ['evaluating text', /\beval\s*\(|\bnew Function\b|\bFunction\s*\(\s*['"`]/],
  ['another matcher at run time', /\benforce(Ex)?WithMatcher\b|\bEnforceContext\b/],
  ['JSON requests', /\benableAcceptJsonRequest\b/],
  ['deciding asynchronously', /\.enforce(Ex)?\(/],
];

/** Only while an engine is built, aside. */
const BUILDING: readonly (readonly [string, RegExp])[] = [
  ['adding rules', /\badd(Named)?(Grouping)?Polic(y|ies)\b/],
  ['adding functions', /\baddFunction\b/],
  ['setting the model or effector', /\bset(Model|Effector|Adapter|RoleManager|Watcher)\b/],
  ['importing Casbin', /['"]casbin['"]/],
  ['asking an enforcer', /\benforceSync\b/],
];

test('no source of the gateway uses a Casbin call that was seen to fail open', () => {
  assert.deepEqual(
    sources().flatMap(({ name, code }) => findings(name, code)),
    [],
  );
});

test('the search finds each planted violation, and none in a comment', () => {
  for (const planted of [
    'await enforcer.loadPolicy();',
    'enforcer.enableEnforce(false);',
    "import { CachedEnforcer } from 'somewhere';",
    "const matcher = 'keyMatch2(r.model, p.model)';",
    'const matcher = `regexMatch(r.a, p.a)`;',
    "eval('1');",
    "new Function('return 1')();",
    "model.addPolicy('p', 'p', []);",
    "import { Enforcer } from 'casbin';",
    'enforcer.clearPolicy();',
    'await enforcer.enforce(a, b);',
  ]) {
    assert.equal(findings('gateway/planted.ts', planted).length >= 1, true, planted);
  }
  assert.deepEqual(findings('gateway/planted.ts', code('// never loadPolicy()\nexport const one = 1;')), []);
});

test('the model files as shipped call nothing but exact membership', () => {
  for (const name of ['policies/model.conf', 'policies/operators.conf']) {
    const statements = readFileSync(new URL(name, ROOT), 'utf8').replaceAll(/#.*$/gm, '');
    const called = new Set([...statements.matchAll(/(\w+)\(/g)].map((match) => match[1]));
    for (const known of ['listed', 'some']) called.delete(known);
    assert.deepEqual([...called], []);
  }
});

function findings(name: string, source: string): readonly string[] {
  const rules = name === BUILDER ? FORBIDDEN : [...FORBIDDEN, ...BUILDING];
  return rules.filter(([, pattern]) => pattern.test(source)).map(([what]) => `${name}: ${what}`);
}

function sources(): readonly { readonly name: string; readonly code: string }[] {
  return readdirSync(new URL('gateway/', ROOT), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `gateway/${name}`)
    .map((name) => ({ name, code: code(readFileSync(new URL(name, ROOT), 'utf8')) }));
}

/** The source without its comments, so that prose may name what code may not. */
function code(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}
