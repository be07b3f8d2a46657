import { findAddressLines, findCorner, findForcesAddress, findRoad } from './address-lines.ts';
import { findOldAge, findSpeltAge } from './ages.ts';
import { isDigit } from './characters.ts';
import { findLastDate, findMonthDate, findNumericDate } from './dates.ts';
import { findEncoded, mayBeEncoded, mayBeEncodedNumber } from './encoded.ts';
import { findCard, findCode, findLongNumber, findNetworkAddress } from './identifiers.ts';
import { findLabelled } from './labelled.ts';
import type { Finding, Label } from './labels.ts';
import { LIFE, MONTH } from './lexicon.ts';
import { findNumberValue } from './members.ts';
import { findPerson } from './people.ts';
import { findPhone } from './phones.ts';
import { findPlace, findPostBox, findStreet, findZip } from './places.ts';
import type { Scene } from './scene.ts';
import { findSsn } from './ssn.ts';
import { codeAt, type Word } from './window.ts';
import { has } from './word.ts';

/** One way of telling an identifier; the first row that finds something where it stands wins. */
export interface Recogniser<Start> {
  readonly name: string;
  readonly labels: readonly Label[];
  /** A cheap test on what stands here, before anything further right is read. */
  readonly when?: (scene: Scene, start: Start) => boolean;
  readonly find: (scene: Scene, start: Start) => Finding | null;
  /** Also applies to the code, system and version of a FHIR coding: no code has this form. */
  readonly inCodes?: true;
  /** Not applied to the display of a FHIR coding: terms are full of the names of people and places. */
  readonly inTerms?: false;
}

/** Tried where a digit, a plus, a minus or an opening parenthesis stands; e-mail and web addresses come before. */
export const NUMBER_RECOGNISERS: readonly Recogniser<number>[] = [
  { name: 'encoded', labels: ['OTHER_ID'], when: mayBeEncodedNumber, find: findEncoded },
  { name: 'member-number', labels: ['GEO'], when: ({ left }) => left.member !== null, find: findNumberValue },
  { name: 'slash-date', labels: ['DATE'], when: hasContext, find: findSlashDate },
  {
    name: 'clearly-labelled',
    labels: ['MRN', 'SSN'],
    when: hasClearContext,
    find: findLabelled,
    inCodes: true,
  },
  { name: 'labelled', labels: ['MRN', 'SSN', 'HPBN', 'ACCOUNT'], when: hasTightContext, find: findLabelled },
  { name: 'network', labels: ['IP', 'DEVICE'], when: isDigitHere, find: findNetworkAddress, inCodes: true },
  { name: 'numeric-date', labels: ['DATE'], when: isDigitHere, find: findNumericDate },
  { name: 'ssn', labels: ['SSN'], when: isDigitHere, find: findSsn, inCodes: true },
  { name: 'phone', labels: ['PHONE', 'FAX'], find: findPhone, inCodes: true },
  { name: 'old-age', labels: ['AGE90'], when: isDigitHere, find: findOldAge },
  { name: 'zip', labels: ['GEO'], when: ({ left }) => left.zipNext, find: findZip, inTerms: false },
  { name: 'address-lines', labels: ['GEO'], when: isDigitHere, find: findAddressLines, inTerms: false },
  { name: 'street', labels: ['GEO'], when: isDigitHere, find: findStreet, inTerms: false },
  { name: 'card', labels: ['ACCOUNT'], when: isDigitHere, find: findCard, inCodes: true },
  { name: 'long-number', labels: ['ACCOUNT', 'PHONE', 'OTHER_ID'], when: isDigitHere, find: findLongNumber },
  { name: 'number-code', labels: ['HPBN', 'VEHICLE'], when: isDigitHere, find: findCode },
  { name: 'loosely-labelled', labels: ['MRN', 'HPBN', 'ACCOUNT'], when: hasContext, find: findLabelled },
];

/** Tried where a word starts; e-mail and web addresses come before. */
export const WORD_RECOGNISERS: readonly Recogniser<Word>[] = [
  { name: 'encoded', labels: ['OTHER_ID'], when: mayBeEncoded, find: byStart(findEncoded) },
  {
    name: 'labelled-code',
    labels: ['MRN', 'LICENSE', 'VEHICLE', 'DEVICE'],
    when: mayBeCode,
    find: byStart(findLabelled),
  },
  { name: 'month-date', labels: ['DATE'], when: (_, word) => has(word, MONTH), find: findMonthDate },
  { name: 'last-date', labels: ['DATE'], when: isLast, find: findLastDate },
  { name: 'spelt-age', labels: ['AGE90'], when: (_, word) => has(word, LIFE), find: findSpeltAge },
  {
    name: 'corner',
    labels: ['GEO'],
    when: (_, word) => word.entry?.word === 'the',
    find: findCorner,
    inTerms: false,
  },
  {
    name: 'road',
    labels: ['GEO'],
    when: (_, word) => word.shape === 'capital',
    find: findRoad,
    inTerms: false,
  },
  { name: 'forces-address', labels: ['GEO'], when: mayBeForces, find: findForcesAddress, inTerms: false },
  {
    name: 'place',
    labels: ['GEO'],
    when: (_, word) => word.shape !== 'lower',
    find: findPlace,
    inTerms: false,
  },
  { name: 'person', labels: ['NAME'], when: mayBePerson, find: findPerson, inTerms: false },
  { name: 'post-box', labels: ['GEO'], when: (_, word) => word.end - word.start <= 2, find: findPostBox },
  {
    name: 'code',
    labels: ['HPBN', 'VEHICLE', 'LICENSE', 'OTHER_ID'],
    when: mayBeBareCode,
    find: byStart(findCode),
  },
  { name: 'network-word', labels: ['IP', 'DEVICE'], when: mayBeNetwork, find: byStart(findNetworkAddress) },
];

function byStart(find: (scene: Scene, at: number) => Finding | null) {
  return (scene: Scene, word: Word): Finding | null => find(scene, word.start);
}

function findSlashDate(scene: Scene, at: number): Finding | null {
  const finding = findNumericDate(scene, at);
  return finding !== null && scene.window.text.slice(at, finding.end).includes('/') ? finding : null;
}

function isDigitHere({ window }: Scene, at: number): boolean {
  return isDigit(codeAt(window, at));
}

function hasContext({ left }: Scene): boolean {
  return left.context !== null;
}

function hasClearContext({ left }: Scene): boolean {
  return left.context?.tight === true && left.context.strong;
}

function hasTightContext({ left }: Scene): boolean {
  return left.context?.tight === true;
}

function mayBeCode({ window, left }: Scene, word: Word): boolean {
  if (left.context === null) return false;
  return word.digits > 0 || (word.end - word.start <= 6 && isJoin(codeAt(window, word.end)));
}

function mayBeBareCode({ window }: Scene, word: Word): boolean {
  if (word.shape === 'lower') return false;
  return word.digits > 0 || (word.end - word.start <= 5 && codeAt(window, word.end) === 45);
}

function isJoin(code: number): boolean {
  return code === 45 || code === 47 || code === 95;
}

function mayBeForces({ window }: Scene, word: Word): boolean {
  return word.digits === 0 && word.end - word.start <= 5 && codeAt(window, word.end) === 32;
}

function mayBeNetwork({ window }: Scene, word: Word): boolean {
  const next = codeAt(window, word.end);
  return word.end - word.start <= 4 && (next === 58 || next === 45);
}

function isLast(_: Scene, word: Word): boolean {
  return word.shape === 'lower' && word.entry?.word === 'last';
}

function mayBePerson(_: Scene, word: Word): boolean {
  return word.shape !== 'lower' || word.flags !== 0;
}
