import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMachine } from '../../../gateway/core/redaction/machine.ts';
import {
  createJsonRedactor,
  createRedactor,
  detect,
  type Redactor,
  redactText,
} from '../../../gateway/core/redaction/redactor.ts';

const PIECES = [
  'Dr. ',
  'John ',
  'Quillfeather',
  ', MD',
  'the patient ',
  'Emily R.',
  ' seen at ',
  "St. Agatha's ",
  'Clinic',
  ' in ',
  'Boston, MA ',
  '02139',
  'MRN: ',
  'AB-',
  '123456',
  '-45-',
  '6789',
  ' phone ',
  '(555) ',
  '123-4567',
  'March ',
  '14',
  'th, ',
  '2021',
  '3/14/2021',
  ' 92',
  '-year-old ',
  'quill',
  '@',
  'example',
  '.com',
  'https://',
  'x.example/',
  '192.',
  '168.1.1',
  '"family":',
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ' ',
  '\n',
  '\\',
  '\\"',
  '\\u004a',
  '\u200b',
  'é',
  '１',
  '😀',
  '\ud83d',
  '\ude00',
  '[NAME]',
  '[DATE:2021]',
  '90+',
  '021**',
  'MRN',
  ' mg',
  "Crohn's disease",
  'May ',
  'and',
  '\u2011',
  ': ',
  '#',
  '"code":',
  '"display":',
  'https://loinc.org/',
  '\u0661\u0662',
  '\u0000',
  'x',
  'MAR',
  'mr',
  '_',
  '/',
  '**',
  '-\n',
  ' in',
  ' y.',
  'o. ',
  'aged ',
  'he is ',
  'last ',
  "O'",
  'M.R.N. ',
  'S.',
  ' & ',
  'John.Smith',
  'Smith, ',
  'GB82 WEST ',
  '1234 ',
  'bit.ly/',
];

const texts = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...PIECES) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });

function cut(text: string, lengths: readonly number[]): string[] {
  const chunks: string[] = [];
  for (let at = 0, i = 0; at < text.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    chunks.push(text.slice(at, at + length));
    at += length;
  }
  return chunks;
}

function stream(redactor: Redactor, chunks: readonly string[]): string {
  return chunks.map((chunk) => redactor.write(chunk)).join('') + redactor.end();
}

for (const [kind, create] of [
  ['text', createRedactor],
  ['JSON', createJsonRedactor],
] as const) {
  test(`${kind} comes out the same however it is cut, surrogate pairs included`, () => {
    fc.assert(
      fc.property(texts, sizes, (text, lengths) => {
        const whole = stream(create(), [text]);
        assert.equal(stream(create(), cut(text, lengths)), whole);
        assert.equal(stream(create(), cut(text, [1])), whole);
      }),
      { numRuns: 400 },
    );
  });
}

const TOKEN = /\[[A-Z_]+\d*(?::\d{4})?\]|90\+|\d{3}\*\*/g;

/** Whether the items of the first list stand in the second, in their order. */
function standsIn(items: readonly string[], list: readonly string[]): boolean {
  let next = 0;
  for (const one of list) if (one === items[next]) next++;
  return next === items.length;
}

test('what a first redaction put in place of an identifier stays through a second', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const once = redactText(text).text;
      const twice = redactText(once).text;
      assert.ok(standsIn(once.match(TOKEN) ?? [], twice.match(TOKEN) ?? []), `${once} then ${twice}`);
    }),
    { numRuns: 600 },
  );
});

const NOTES = [
  "Dr. John Quillfeather, MD, saw Emily R. at St. Agatha's Clinic in Boston, MA 02139 on 3/14/2021.",
  'MRN: AB-123456-45-6789, phone (555) 123-4567, a 92-year-old; see https://x.example/quill?id=12.',
  '{"family":"Quillfeather","given":["Emily"],"birthDate":"1931-03-14","telecom":"555-123-4567"}',
  "Note by John.Crohn's disease since March 14th, 2021; card 4111 1111 1111 1111, host 192.168.1.1.",
  'Ref MD123456192.Then home.',
];

for (const note of NOTES) {
  test(`redacting what was redacted changes nothing: ${note.slice(0, 40)}`, () => {
    const once = redactText(note).text;
    assert.notEqual(once, note);
    assert.equal(redactText(once).text, once);
  });
}

test('a code that a word is glued to is hidden all the same', () => {
  assert.equal(redactText('see AB-123456May and MD123456192.St').text, 'see [OTHER_ID]May and [OTHER_ID].St');
});

test('every unit taken in is passed on or replaced, and none is held back beyond the bound', () => {
  fc.assert(
    fc.property(texts, sizes, (text, lengths) => {
      const redactor = createRedactor();
      for (const chunk of cut(text, lengths)) {
        redactor.write(chunk);
        assert.ok(redactor.scanned() - redactor.emitted() <= 256);
      }
      redactor.end();
      assert.equal(redactor.scanned(), text.length);
      assert.equal(redactor.emitted(), text.length);
    }),
  );
});

test('the spans of a text are in order, apart, and as many as the counts say', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const spans = detect(text);
      let last = 0;
      for (const { start, end } of spans) {
        assert.ok(start >= last && end > start && end <= text.length);
        last = end;
      }
      const counted = Object.values(redactText(text).counts).reduce((sum, count) => sum + count, 0);
      assert.equal(counted, spans.length);
    }),
  );
});

test('half of a surrogate pair is held until its other half comes', () => {
  const redactor = createRedactor();
  assert.equal(redactor.write('well \ud83d'), 'well ');
  assert.equal(redactor.write('\ude00 '), '😀 ');
});

test('plain words are released as soon as the blank behind them', () => {
  const redactor = createRedactor();
  assert.equal(redactor.write('the pain eased '), 'the pain eased ');
});

test('a name split over chunks never escapes in part', () => {
  const redactor = createRedactor();
  const out = ['Dr. Quill', 'feat', 'her left'].map((chunk) => redactor.write(chunk));
  assert.equal(out.join('') + redactor.end(), 'Dr. [NAME] left');
});

test('an address or a run too long for the window is hidden whole', () => {
  const long = 'x1'.repeat(600);
  assert.equal(redactText(`see https://example.com/${long} now`).text, 'see [URL] now');
  assert.equal(redactText(`key ${long} now`).text, 'key [OTHER_ID] now');
  assert.equal(stream(createRedactor(), cut(`key ${long} now`, [7])), 'key [OTHER_ID] now');
});

/** Units the machine reads for a text: its work, free of the clock. */
function work(text: string): number {
  const machine = createMachine({ identifier() {}, goesOn() {} });
  machine.feed(text);
  machine.finish();
  return machine.steps();
}

const HOSTILE = [
  'a',
  'A',
  '1',
  '@',
  '(',
  '"',
  '\\',
  '[',
  '.',
  'a.',
  '1-',
  '1 ',
  'a@',
  'John ',
  'St. ',
  'MRN: ',
  'May 5 ',
  'a:',
  '+1 (',
  '{"family":"',
  'http://',
  '\u200b',
  '😀',
  '12 Elm Oak ',
];

for (const unit of HOSTILE) {
  test(`work grows in step with the text, however hostile: ${JSON.stringify(unit)}`, () => {
    const once = work(unit.repeat(2000));
    const twice = work(unit.repeat(4000));
    assert.ok(twice <= 2.3 * once + 1000, `${once} then ${twice}`);
    assert.ok(once <= 250 * unit.length * 2000, `${once} steps`);
  });
}
