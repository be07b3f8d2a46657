import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detect } from '../../../gateway/core/redaction/redactor.ts';

/** What is hidden of a text, one string for each finding. */
function hidden(text: string): string[] {
  return detect(text).map(({ start, end }) => text.slice(start, end));
}

const ADDRESSES: readonly string[] = [
  '61 Wiesenstrasse 31',
  '12 Quellweg 7, Suite 12',
  '39 27 Alder Hollow Avenue',
  '583 Ravnevej 298, Apt. 12',
  '6750 Harjukatu 25 Apt. 864\nUlvikulma\nFinland 64677',
  '> 45 Rua das Ondas 930\n> Apt. 36\n> Vila Nova\n> Portugal 92342'.slice(2),
  '28030 Kvarnvagen 55\n Apt. 297\n NORDBERGA\n Sweden 99178',
  '43 P.O. Box 108\nSuite 54\nNorthhollow\nGreenland 63161',
  'PSC 1234, Box 567\nAPO AE 20041',
  'Unit 4719 Box 7394\nDPO AP 70942',
  'USNS Larkspur\nFPO AA 65728',
  'the corner of Quellweg 7 and Alder Mill',
  '194 folkeholm road\n suite 482\n wincle\n spain 63488',
];

for (const address of ADDRESSES) {
  test(`an address is hidden whole: ${JSON.stringify(address)}`, () => {
    assert.deepEqual(hidden(`Please write to ${address}`), [address]);
  });
}

test('a street that other languages name in one word needs no number before it', () => {
  assert.deepEqual(hidden('We live near Ahornstrasse 31, thank you'), ['Ahornstrasse 31']);
  assert.deepEqual(hidden('It is in Rua das Ondas 930.'), ['Rua das Ondas 930']);
});

test('where somebody lives needs no list of towns', () => {
  assert.deepEqual(hidden('She grew up in Ulvikulma and lives near Quellhollow now.'), [
    'Ulvikulma',
    'Quellhollow',
  ]);
  assert.deepEqual(hidden('I am in NORDBERGA for a month'), ['NORDBERGA']);
});

test('whose name is told is named, however rare the name', () => {
  assert.deepEqual(hidden('Her maiden name is Quillmoor.'), ['Quillmoor']);
  assert.deepEqual(hidden('My name is Oddbert, please call me Obb.'), ['Oddbert', 'Obb']);
  assert.deepEqual(hidden('It was written by Zanthe Quillmoor himself.'), ['Zanthe Quillmoor']);
  assert.deepEqual(hidden('Zanthe Quillmoor lives alone.'), ['Zanthe Quillmoor']);
});

test('a telephone number keeps nothing of itself behind the nought in brackets', () => {
  assert.deepEqual(hidden('Desk: +41 (0)96 471 07 95'), ['+41 (0)96 471 07 95']);
});

const CLINICAL: readonly string[] = [
  'Take 2 Tablets Daily 5 days a week',
  '30 Norco 5, Tylenol 500 as needed',
  'Moved to Hospice care; lives in Assisted Living.',
  'the corner of the mouth and the left eye',
  'Raised from Chair with help, grew Staphylococcus in culture',
  'The drug name is Xarelto, the generic rivaroxaban',
  'Seen by Infectious Disease and by General Surgery',
  'Reviewed by Tumor Board on the unit 4 times',
  'Room 12 Bed 4, unit 5 of packed cells',
];

for (const text of CLINICAL) {
  test(`clinical words stay: ${text}`, () => assert.deepEqual(hidden(text), []));
}
