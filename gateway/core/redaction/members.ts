import { isAlphanumeric } from './characters.ts';
import type { Finding, Label, Part } from './labels.ts';
import type { Member, Scene } from './scene.ts';
import { codeAt, NONE, type Window } from './window.ts';

const QUOTE = 34;
const KEY_UNITS_MAX = 40;

export const PLAIN: Member = { kind: 'plain', label: null, part: 'whole' };

const rows = (kind: Member['kind'], label: Label | null, keys: string, part: Part = 'whole') =>
  keys.split(' ').map((key): [string, Member] => [key, { kind, label, part }]);

/** What keys of JSON members say about their values: FHIR's own, and what schemas commonly use. Lower case, bare. */
const KEYS: ReadonlyMap<string, Member> = new Map([
  ...rows(
    'whole',
    'NAME',
    'family given firstname lastname middlename fullname patientname maidenname surname givenname familyname providername physicianname doctorname nickname birthname',
  ),
  ...rows(
    'whole',
    'GEO',
    'line address streetaddress addressline addressline1 addressline2 address1 address2 line1 line2 street county district',
  ),
  ...rows('whole', 'GEO', 'city town village municipality', 'city'),
  ...rows('whole', 'GEO', 'postalcode zip zipcode postcode', 'zip'),
  ...rows('number', 'GEO', 'latitude longitude lat lng lon'),
  ...rows('whole', 'PHOTO', 'photo portrait faceimage'),
  ...rows('whole', 'BIOMETRIC', 'fingerprint voiceprint faceprint retinascan irisscan'),
  ...rows('context', 'SSN', 'ssn socialsecuritynumber'),
  ...rows('context', 'MRN', 'mrn medicalrecordnumber patientid patientnumber'),
  ...rows(
    'context',
    'PHONE',
    'phone phonenumber mobile telephone cell cellphone mobilephone homephone workphone',
  ),
  ...rows('context', 'FAX', 'fax faxnumber'),
  ...rows(
    'context',
    'HPBN',
    'memberid policynumber insuranceid subscriberid beneficiaryid medicareid medicaidid',
  ),
  ...rows('context', 'ACCOUNT', 'accountnumber account iban cardnumber'),
  ...rows('context', 'LICENSE', 'license licensenumber npi deanumber passportnumber driverslicense'),
  ...rows('context', 'VEHICLE', 'vin licenseplate plate'),
  ...rows('context', 'DEVICE', 'serialnumber deviceid udi imei deviceidentifier'),
  ...rows('value', null, 'value valuestring valueidentifier'),
  ...rows('value', 'GEO', 'valuedecimal valueinteger'),
  ...rows('name', null, 'name author recorder contact'),
  ...rows('code', null, 'system code version'),
  ...rows(
    'plain',
    null,
    'display text type resourcetype id reference fullurl url profile status use unit arguments function tool_calls toolcalls role content',
  ),
]);

/** A key that starts at this quote: where its member's value may begin, and what the key says. */
export function keyAt(window: Window, at: number): { end: number; key: string; member: Member } | null {
  let end = at + 1;
  while (end - at <= KEY_UNITS_MAX && isKeyUnit(codeAt(window, end))) end++;
  if (end === at + 1 || codeAt(window, end) !== QUOTE) return null;
  let colon = end + 1;
  while (colon - end < 4 && codeAt(window, colon) === 32) colon++;
  if (codeAt(window, colon) !== 58) return null;
  const key = window.text
    .slice(at + 1, end)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
  const member = codeAt(window, at + 1) === 91 ? undefined : KEYS.get(key);
  return { end: member === undefined ? at + 1 : colon + 1, key, member: member ?? PLAIN };
}

/** Letters, digits and " _-.$#", and what the token of a redacted key is made of. */
function isKeyUnit(code: number): boolean {
  return isAlphanumeric(code) || (code > 0 && code < 128 && ' _-.$#[]:'.includes(String.fromCharCode(code)));
}

const VALUE_UNITS_MAX = 160;

/** The whole of a string value whose key says that all of it identifies someone. */
export function findWholeValue({ window, left }: Scene, at: number): Finding | null {
  const member = left.member;
  if (member?.kind !== 'whole' || member.label === null || !left.inValue || left.previous !== QUOTE)
    return null;
  let end = at;
  while (end - at < VALUE_UNITS_MAX && codeAt(window, end) !== QUOTE && codeAt(window, end) !== NONE) end++;
  const value = window.text.slice(at, end);
  if (!/[\p{L}\p{N}]/u.test(value) || DONE.test(value)) return null;
  const runsOn = codeAt(window, end) !== QUOTE && codeAt(window, end) !== NONE;
  return { end, label: member.label, part: member.part, ...(runsOn ? { runsOn: 'string' as const } : {}) };
}

const DONE = /^(\[[A-Z_0-9]+(:\d{4})?\]|\d{3}\*\*)$/;

/** A number whose key or hint says that it identifies someone, such as a latitude; in quotes only where the key does. */
export function findNumberValue({ window, left }: Scene, at: number): Finding | null {
  const member = left.member;
  if (member === null || (left.inValue && (member.kind !== 'number' || left.previous !== QUOTE))) return null;
  const label =
    member.kind === 'number' || (member.kind === 'whole' && member.part === 'zip')
      ? member.label
      : hinted(left, member);
  if (label === null) return null;
  const end = numberEnd(window, at);
  return window.text.slice(at, end) === '0' ? null : { end, label };
}

function hinted(left: Scene['left'], member: Member): Label | null {
  return member.kind === 'value' && left.hint === 'GEO' ? 'GEO' : null;
}

/** The most of one number that is looked at. */
export const NUMBER_UNITS_MAX = 64;

/** Where a JSON number ends. */
export function numberEnd(window: Window, at: number): number {
  let end = at;
  while (end - at < NUMBER_UNITS_MAX && isNumberUnit(codeAt(window, end))) end++;
  return end;
}

function isNumberUnit(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || code === 46 || code === 45 || code === 43 || code === 101 || code === 69
  );
}
