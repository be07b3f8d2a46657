import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTEXT_WORDS, type ContextRow } from '../../../gateway/core/redaction/context-words.ts';
import type { Label } from '../../../gateway/core/redaction/labels.ts';
import { createRedactor, redactJson, redactText } from '../../../gateway/core/redaction/redactor.ts';
import { CROWDS, LOOSE_UNITS, MEASURES } from '../../../gateway/core/redaction/words.ts';

const UNITS = [MEASURES, CROWDS, LOOSE_UNITS].flatMap((list) => list.split(' '));
const ENDINGS = [
  ...UNITS.map((unit) => ` ${unit} `),
  '',
  '.',
  ', then',
  ' the',
  '%',
  'x',
  '\n',
  ') and',
  ' - ok',
];

const NUMBERS: Partial<Record<Label, readonly string[]>> = {
  GEO: ['55901', '55901-1234'],
  PHONE: ['5072842511', '507-284-2511', '284-2511'],
  FAX: ['5072842511', '(507) 284-2511'],
  SSN: ['123456789', '123-45-6789', '123 45 6789'],
};
const CODES = ['1234567', '00123456', 'AB-1234567', '4111111111111111'];

/** As keys of FHIR these hold resource ids and whole people. */
const RESOURCE_KEYS = new Set(['id', 'reference', 'contact']);

/** What a reader would write for a row: its word, behind the word that must stand before it. */
function label({ word, after, hash }: ContextRow): string {
  const whole = hash === true ? `${word}#` : word;
  return after === undefined ? whole : `${after} ${whole}`;
}

function survivors(number: string, text: string): readonly string[] {
  const runs: readonly string[] = number.match(/\d{4,}/g) ?? [];
  return runs.filter((run) => text.includes(run));
}

function assertHidden(number: string, text: string): void {
  const { text: clean } = redactText(text);
  assert.deepEqual(survivors(number, clean), [], `${JSON.stringify(text)} became ${JSON.stringify(clean)}`);
}

for (const row of CONTEXT_WORDS) {
  const numbers = NUMBERS[row.label] ?? CODES;
  test(`no number behind "${label(row)}" survives, whatever word or mark follows it`, () => {
    for (const number of numbers)
      for (const ending of ENDINGS) assertHidden(number, `Patient ${label(row)} ${number}${ending}`);
  });
  test(`no number behind "${label(row)}" survives, whatever stands before or between`, () => {
    for (const number of numbers)
      for (const lead of ['', 'The ', 'see: ', '5 mg, ', '("', 'a-'])
        for (const link of [': ', ' number ', ' #', ' no. ', ' is ', '\t', ' = '])
          assertHidden(number, `${lead}${label(row).toUpperCase()}${link}${number} in`);
  });
  if (!RESOURCE_KEYS.has(row.word))
    test(`no number behind "${label(row)}" survives in JSON`, () => {
      for (const number of numbers) {
        const json = JSON.stringify({ text: `${label(row)} ${number} in`, [label(row)]: number });
        assert.deepEqual(survivors(number, redactJson(json).text), [], json);
      }
    });
  test(`no number behind "${label(row)}" survives a stream`, () => {
    for (const number of numbers)
      for (const unit of ['in', 'mg', 'days'])
        assert.deepEqual(survivors(number, streamed(`${label(row)} ${number} ${unit} now`)), []);
  });
}

function streamed(text: string): string {
  const redactor = createRedactor();
  return [...text].map((unit) => redactor.write(unit)).join('') + redactor.end();
}

/** Numbers told by their form, each glued to what stands before it. */
const FORMS = ['123-45-6789', '507-284-2511', '5072842511', '4111111111111111', '10.0.0.1', '03/14/1931'];

for (const form of FORMS) {
  test(`a number told by its form is found behind any letter: ${form}`, () => {
    for (const glued of [
      'x',
      'n',
      '\u00e9',
      'call',
      'tel',
      'dob',
      'SSN',
      'ID',
      'HP',
      'GO',
      'a1b',
      '\u96fb\u8a71',
      'Zanthe',
    ])
      for (const lead of ['', 'see ', '"', '5 mg, ']) {
        const { text } = redactText(`${lead}${glued}${form} now`);
        assert.match(text, /\] now$/);
        assert.ok(!text.includes(form.slice(-4)), text);
        assert.equal(streamed(`${lead}${glued}${form} now`), text);
      }
  });
}

const GLUED = ['MRN00123', 'mrn1234567', 'acct123456', 'SSN123456789', 'NPI1234567893', 'zip55901'];
for (const text of GLUED) {
  test(`a number glued to its label is hidden: ${text}`, () => {
    assert.doesNotMatch(redactText(`see ${text} in`).text, /\d{4}/);
  });
}

const CLINICAL = [
  'T2DM, HbA1c 7.2, CYP2C19, V600E, H1N1, B12 2000, Q12H, BP120/80, HR92, E11.9 and M54.50',
  'NCT01234567, PMC12345678, ENSG00000139618, rs12345678, ICD10 E11.65',
  'L4/5 disc, C5-6 fusion, T12-L1, HLA-B27, CA125 of 35, panel A1-2026',
];
for (const text of CLINICAL) {
  test(`letters with digits that mean something stay: ${text}`, () =>
    assert.equal(redactText(text).text, text));
}

const AMOUNTS: readonly string[] = [
  'Plan: 1000 mg daily, then 50000 units weekly',
  'a group of 12345 patients',
  'device set to 120 mm, plan 5 days',
  'viral load 1000000 copies',
  'a load of 250000000 copies',
  'model of 3000 cases in 5 years',
  'MRN 1234567 500 mg daily',
];
for (const text of AMOUNTS) {
  test(`an amount stays one: ${text}`, () => {
    assert.equal(redactText(text).text, text.replace('1234567', '[MRN]'));
  });
}
