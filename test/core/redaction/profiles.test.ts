import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detect, redactText } from '../../../gateway/core/redaction/redactor.ts';

const NOTE = 'Emily Oddlock, 92 yo, Boston, MA 02139, 12 Elm St, seen 3/14/2021, MRN 998877, born 1929-04-01';

test('safe harbor keeps the year, the state and the ZIP area, and says 90+', () => {
  assert.equal(
    redactText(NOTE).text,
    '[NAME], 90+ yo, [GEO], MA 021**, [GEO], seen [DATE:2021], MRN [MRN], born [DATE]',
  );
});

test('a limited data set keeps dates, ages, town and ZIP', () => {
  assert.equal(
    redactText(NOTE, 'limited-dataset').text,
    '[NAME], 92 yo, Boston, MA 02139, [GEO], seen 3/14/2021, MRN [MRN], born 1929-04-01',
  );
});

test('the profile none counts what safe harbor would hide, and changes nothing', () => {
  const { text, counts } = redactText(NOTE, 'none');
  assert.equal(text, NOTE);
  assert.deepEqual(counts, redactText(NOTE).counts);
});

test('what a profile keeps is neither reported nor counted', () => {
  assert.deepEqual(detect('seen 3/14/2021', 'limited-dataset'), []);
  assert.deepEqual(redactText('seen 3/14/2021', 'limited-dataset').counts, {});
});

test('the three digits of a small ZIP area go too', () => {
  assert.equal(redactText('ZIP 03601').text, 'ZIP 000**');
});

test('a bare year and a state stay', () => {
  assert.equal(redactText('diagnosed in 2018 in Texas').text, 'diagnosed in 2018 in Texas');
});

test('a year that shows an age over 89 goes with its date', () => {
  assert.equal(redactText('born March 3, 1931').text, 'born [DATE]');
});
