import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markingsIn } from '../../../gateway/core/policy/markings.ts';

const said = (content: string) => ({ messages: [{ role: 'user', content }] });

const NOTICES = [
  '42 CFR part 2 prohibits unauthorized use or disclosure of these records.',
  'These records are protected by 42 C.F.R. Part 2.',
  'The federal rules prohibit you from making any further disclosure of this record.',
];
for (const notice of NOTICES) {
  test(`a notice of part 2 marks the text, whatever class it was declared: ${notice}`, () => {
    assert.deepEqual(markingsIn(said(notice), 'deidentified'), ['SUD']);
  });
}

test('a treatment programme marks the data of a patient, and no question about medicine', () => {
  const text = 'Discharged to a methadone maintenance program.';
  assert.deepEqual(markingsIn(said(text), 'phi'), ['SUD']);
  assert.deepEqual(markingsIn(said(text), 'limited'), ['SUD']);
  assert.deepEqual(markingsIn(said(text), 'deidentified'), []);
});

test('the heading of psychotherapy notes marks them, and a mention does not', () => {
  for (const heading of [
    'PSYCHOTHERAPY NOTES: she',
    'Confidential psychotherapy process notes\nShe',
    '## Psychotherapy note\n',
  ])
    assert.deepEqual(markingsIn(said(`Seen today.\n${heading} spoke`), 'phi'), ['PSYTHPN']);
  assert.deepEqual(markingsIn(said('No psychotherapy notes were released.'), 'phi'), []);
});

test('a marking is found wherever it stands: results of tools, schemas, instructions', () => {
  const notice = NOTICES[0] ?? '';
  for (const prompt of [
    { messages: [{ role: 'tool', content: notice }] },
    { tools: [{ name: 'look', parameters: { properties: { x: { description: notice } } } }] },
    { inputs: ['plain', notice] },
  ])
    assert.deepEqual(markingsIn(prompt, 'phi'), ['SUD']);
});

test('a history of drinking is no marking', () => {
  assert.deepEqual(
    markingsIn(said('Alcohol use disorder in remission, 42 years old, CFR 2 on angiography.'), 'phi'),
    [],
  );
});
