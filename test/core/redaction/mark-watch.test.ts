import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileMark } from '../../../gateway/core/redaction/mark.ts';
import { createMarkWatch, tellsMark } from '../../../gateway/core/redaction/mark-watch.ts';

const MARK = 'QX7ZK2VWPJ4MHTY3RBGC6DNF';
const mark = compileMark(MARK);

/** The text through a watch, cut at these places. */
function watched(
  text: string,
  cuts: readonly number[] = [],
): { readonly out: string; readonly told: boolean } {
  const watch = createMarkWatch(mark);
  const places = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])].toSorted(
    (a, b) => a - b,
  );
  const pieces = places.slice(1).map((end, at) => text.slice(places[at], end));
  const out = pieces.map((piece) => watch.write(piece)).join('') + watch.end();
  return { out, told: watch.isTold() };
}

const reversed = (text: string) => [...text].toReversed().join('');
const rot13 = (text: string) =>
  text.replace(/[A-Za-z]/g, (one) => {
    const base = one < 'a' ? 65 : 97;
    return String.fromCharCode(((one.charCodeAt(0) - base + 13) % 26) + base);
  });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const hex = (text: string) => Buffer.from(text).toString('hex');
const wide = (text: string) =>
  [...text].map((one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)).join('');
const escaped = (text: string) =>
  [...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

/** Every way of writing a text that is seen through. */
const WRITINGS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  'small letters': (text) => text.toLowerCase(),
  'spaced out': (text) => [...text].join(' '),
  hyphenated: (text) => [...text].join('-'),
  'one to a line': (text) => [...text].map((one) => `* ${one}\n`).join(''),
  'with invisible characters': (text) => [...text].join('\u200b'),
  'full width': wide,
  'escaped as in JSON': escaped,
  'escaped twice': (text) => escaped(text).replaceAll('\\', '\\\\'),
  backwards: reversed,
  ROT13: rot13,
  'ROT13 backwards': (text) => reversed(rot13(text)),
  base64,
  'base64 of small letters': (text) => base64(text.toLowerCase()),
  'base64 after one byte': (text) => base64(`x${text}`).slice(2),
  'base64 after two bytes': (text) => base64(`xy${text}`).slice(3),
  'base64 in lines': (text) => base64(text).replace(/.{5}/g, '$&\n'),
  hex,
  'hex of small letters': (text) => hex(text.toLowerCase()),
  'hex in capitals with colons': (text) =>
    hex(text)
      .toUpperCase()
      .replace(/..(?=.)/g, '$&:'),
};

for (const [name, write] of Object.entries(WRITINGS)) {
  test(`the mark is told by any eight of its characters in a row: ${name}`, () => {
    for (let at = 0; at + 8 <= MARK.length; at += 1)
      assert.ok(tellsMark(mark, write(MARK.slice(at, at + 8))), `from ${at}`);
  });
}

const anyText = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('fluids ', '\\', '\ud83d\ude00', 'QX7', 'é'),
  ),
  {
    maxLength: 8,
  },
);
const anyCuts = fc.array(fc.nat(), { maxLength: 24 });

test('whatever surrounds it and however it is cut, no eight characters of the mark in a row leave, in any writing', () => {
  fc.assert(
    fc.property(
      anyText,
      anyText,
      fc.constantFrom(...Object.values(WRITINGS)),
      fc.integer({ min: 0, max: 16 }),
      fc.integer({ min: 8, max: 24 }),
      anyCuts,
      (before, after, write, from, length, cuts) => {
        const part = write(MARK.slice(from, from + Math.max(8, length)));
        const { out, told } = watched(`${before.join('')} ${part}${after.join('')}`, cuts);
        assert.ok(told);
        assert.ok(!tellsMark(mark, out));
      },
    ),
    { numRuns: 500 },
  );
});

test('a text without the mark comes out whole, however it is cut', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 17 }), anyCuts, (parts, from, cuts) => {
      const text = `${parts.join('')}${MARK.slice(from, from + 7)} ends`;
      const { out, told } = watched(text, cuts);
      assert.ok(told || out === text);
      assert.equal(told, tellsMark(mark, text));
    }),
    { numRuns: 500 },
  );
});

test('only what may be the beginning of the mark is kept back', () => {
  const watch = createMarkWatch(mark);
  assert.equal(watch.write('Give fluids. QX7'), 'Give fluids. ');
  assert.equal(watch.withheld(), 3);
  assert.equal(watch.write('Z'), '');
  assert.equal(watch.write(' tablets') + watch.end(), 'QX7Z tablets');
  assert.equal(watch.withheld(), 0);
});

test('after the mark was told nothing more leaves, and what was kept is counted', () => {
  const watch = createMarkWatch(mark);
  assert.equal(watch.write(`The mark is ${MARK}`), '');
  assert.equal(watch.write('more'), '');
  assert.equal(watch.end(), '');
  assert.ok(watch.isTold());
  assert.equal(watch.withheld(), 40);
});

test('letters far apart are not kept back for ever, and a mark that begins after them is still told', () => {
  const watch = createMarkWatch(mark);
  const far = `Q${' '.repeat(300)}`;
  assert.equal(watch.write(far), far);
  assert.equal(watch.write('X'), '');
  assert.equal(watch.write('7ZK2VWP'), '');
  assert.ok(watch.isTold());
});

test('clinical prose passes in a time that grows with its length alone', () => {
  const prose = 'Rest, drink enough, and come back when the fever lasts longer than 48 hours. '.repeat(2_000);
  assert.equal(
    watched(
      prose,
      Array.from({ length: 500 }, (_, at) => at * 307),
    ).out,
    prose,
  );
});
