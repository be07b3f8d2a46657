import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRules } from '../../../gateway/core/policy/parse-rules.ts';
import { Problem } from '../../../gateway/domain/problem.ts';
import { HEADER, PLAIN_ALLOW, policyText, table } from '../../policies/shipped-policy.ts';

test('rows become frozen rules in file order', () => {
  const rules = parseRules(
    table(PLAIN_ALLOW, row({ id: 'second', eft: 'deny', obligations: 'reason=because' })),
  );
  assert.deepEqual(
    rules.map(({ id, position }) => [id, position]),
    [
      ['plain', 0],
      ['second', 1],
    ],
  );
  assert.deepEqual(rules[0]?.action, ['infer', 'stream']);
  assert.ok(Object.isFrozen(rules) && rules.every((rule) => Object.isFrozen(rule)));
});

test('spaces that align, comments and blank lines change nothing', () => {
  const spaced = `# a comment, with "quotes"\n\n${HEADER.replaceAll(',', ' ,  ')}\n\n  ${PLAIN_ALLOW.replaceAll(',', '  , ')}  \n`;
  assert.deepEqual(parseRules(spaced), parseRules(table(PLAIN_ALLOW)));
});

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['an empty file', '', 'header'],
  ['only comments', '# nothing here', 'header'],
  ['a header without rules', HEADER, 'rows: none'],
  ['an unknown column', table(PLAIN_ALLOW).replace('eft', 'effect'), 'header'],
  ['columns in another order', table(PLAIN_ALLOW).replace('id,tenant', 'tenant,id'), 'header'],
  ['a byte order mark', `\ufeff${table(PLAIN_ALLOW)}`, 'line 1: byte_order_mark'],
  ['a carriage return', table(PLAIN_ALLOW).replaceAll('\n', '\r\n'), 'line 1: control_character'],
  ['a tab', table(PLAIN_ALLOW.replace(',', ',\t')), 'line 2: control_character'],
  ['a control character in a comment', `# \u0007\n${table(PLAIN_ALLOW)}`, 'line 1: control_character'],
  ['a quoted cell', table(PLAIN_ALLOW.replace('plain', '"plain"')), 'line 2: quote'],
  [
    'a Cyrillic letter that looks Latin',
    table(PLAIN_ALLOW.replace('plain', 'pl\u0430in')),
    'line 2: not_ascii',
  ],
  ['a zero-width space', table(PLAIN_ALLOW.replace('limited', 'limited\u200b')), 'line 2: not_ascii'],
  ['a missing column', table(PLAIN_ALLOW.replace(',US', '')), 'line 2: columns'],
  ['a column too many', table(`${PLAIN_ALLOW},more`), 'line 2: columns'],
  ['an empty cell', table(row({ purpose: '' })), 'line 2: purpose'],
  ['an over-long cell', table(row({ model: 'm'.repeat(513) })), 'line 2: model'],
  [
    'a file of more than four million characters',
    `${table(PLAIN_ALLOW)}\n${'#'.repeat(4_000_000)}`,
    'file: too_long',
  ],
  ['Deny with a capital', table(row({ eft: 'Deny', obligations: 'reason=because' })), 'line 2: eft'],
  ['ALLOW in capitals', table(row({ eft: 'ALLOW' })), 'line 2: eft'],
  ['another word for deny', table(row({ eft: 'block', obligations: 'reason=because' })), 'line 2: eft'],
  ['an empty eft', table(row({ eft: '' })), 'line 2: eft'],
  ['an unknown purpose', table(row({ purpose: 'TREATMENT' })), 'line 2: purpose'],
  ['a purpose in lower case', table(row({ purpose: 'treat' })), 'line 2: purpose'],
  ['an unknown class in a list', table(row({ class: 'limited|public' })), 'line 2: class'],
  ['a word twice in a list', table(row({ class: 'limited|limited' })), 'line 2: class'],
  ['a star inside a list', table(row({ stage: 'ga|*' })), 'line 2: stage'],
  ['a list that ends in a bar', table(row({ stage: 'ga|' })), 'line 2: stage'],
  ['spaces inside a list', table(row({ stage: 'ga | pilot' })), 'line 2: stage'],
  ['a prefix with a star', table(row({ model: 'mayo-*' })), 'line 2: model'],
  ['a regular expression as model', table(row({ model: '^(a+)+$' })), 'line 2: model'],
  ['a path pattern as model', table(row({ model: '/models/{id}' })), 'line 2: model'],
  ['a model called like a stage', table(row({ model: 'ga' })), 'line 2: model'],
  ['a role that is not ours', table(row({ role: 'clinician' })), 'line 2: role'],
  ['a principal as role', table(row({ role: 'u:someone' })), 'line 2: role'],
  ['a tenant without its prefix', table(row({ tenant: 'summit' })), 'line 2: tenant'],
  ['an unknown tier', table(row({ tenant: 'tier:gold' })), 'line 2: tenant'],
  ['a tenant called like a tier', table(row({ tenant: 'tenant:research' })), 'line 2: tenant'],
  ['a tenant called like a role', table(row({ tenant: 'tenant:human' })), 'line 2: tenant'],
  ['the tenant kept for sentinels', table(row({ tenant: 'tenant:sentinel-tenant' })), 'line 2: tenant'],
  ['a tenant in capitals', table(row({ tenant: 'tenant:Summit' })), 'line 2: tenant'],
  ['a tenant that climbs', table(row({ tenant: 'tenant:../x' })), 'line 2: tenant'],
  ['a tenant called __proto__', table(row({ tenant: 'tenant:__proto__' })), 'line 2: tenant'],
  ['an unknown region', table(row({ region: 'us-east' })), 'line 2: region'],
  ['an unknown action', table(row({ action: 'tune' })), 'line 2: action'],
  ['an id with a capital', table(row({ id: 'P001' })), 'line 2: id'],
  ['an id of a role', table(row({ id: 'human' })), 'line 2: id'],
  ['an id of a tier', table(row({ id: 'covered-entity' })), 'line 2: id'],
  ['an id with a colon', table(row({ id: 'role:x' })), 'line 2: id'],
  ['an id with dollars', table(row({ id: 'a$$b' })), 'line 2: id'],
  ['an id of 65 characters', table(row({ id: 'a'.repeat(65) })), 'line 2: id'],
  ['an id twice', table(PLAIN_ALLOW, PLAIN_ALLOW), 'line 3: id_repeated'],
  ['a grouping line', table(PLAIN_ALLOW, 'g, mallory, human, *'), 'line 3: columns'],
  [
    'an unknown obligation',
    table(row({ obligations: 'redact=safe-harbor;watermark=yes' })),
    'line 2: obligations',
  ],
  ['an unknown value of an obligation', table(row({ obligations: 'redact=strict' })), 'line 2: obligations'],
  ['an allow with a reason', table(row({ obligations: 'reason=because' })), 'line 2: obligations'],
  ['a deny without a reason', table(row({ eft: 'deny', obligations: '-' })), 'line 2: obligations'],
  [
    'a deny with an obligation',
    table(row({ eft: 'deny', obligations: 'redact=none' })),
    'line 2: obligations',
  ],
];

for (const [what, text, reason] of REFUSED) {
  test(`refused as policy_invalid: ${what}`, () =>
    assert.ok(reasonsOf(text).includes(reason), reasonsOf(text).join()));
}

test('one bad line refuses the whole file', () => {
  assert.deepEqual(reasonsOf(table(PLAIN_ALLOW, row({ id: 'other', eft: 'Deny' }), row({ id: 'third' }))), [
    'line 3: eft',
  ]);
});

test('more than 10,000 rules are refused, 10,000 are read', () => {
  const rows = Array.from({ length: 10_001 }, (_, at) => row({ id: `rule-${at}` }));
  assert.deepEqual(reasonsOf(table(...rows)), ['rows: too_many']);
  assert.equal(parseRules(table(...rows.slice(1))).length, 10_000);
});

test('reasons name at most fifty faults', () => {
  const rows = Array.from({ length: 80 }, (_, at) => row({ id: `rule-${at}`, eft: 'Deny' }));
  assert.equal(reasonsOf(table(...rows)).length, 50);
});

test('a refusal names lines and columns, never what stands in them', () => {
  const reasons = reasonsOf(table(row({ purpose: 'JANE-DOE-SECRET' })));
  assert.ok(!JSON.stringify(reasons).includes('JANE'));
});

test('the shipped table is readable without knowing Casbin: each section is explained', () => {
  const text = policyText('stewardship.csv');
  for (const section of [1, 2, 3, 4, 5]) assert.match(text, new RegExp(`^# ${section}\\. `, 'm'));
  assert.ok(parseRules(text).length >= 20);
});

function row(change: Readonly<Record<string, string>>): string {
  const names = HEADER.split(',');
  return PLAIN_ALLOW.split(',')
    .map((cell, at) => change[names[at] ?? ''] ?? cell)
    .join(',');
}

function reasonsOf(text: string): readonly string[] {
  try {
    parseRules(text);
  } catch (thrown) {
    assert.ok(thrown instanceof Problem);
    assert.equal(thrown.code, 'policy_invalid');
    return thrown.reasons;
  }
  return [];
}
