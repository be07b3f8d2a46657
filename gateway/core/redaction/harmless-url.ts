import { DOUBTFUL, flagsOf, GIVEN, LARGE_ONLY } from './lexicon.ts';

/** Publishers of standards and of public health knowledge: a plain page there names no person. */
const PUBLIC_HOST =
  /^(?:[a-z0-9-]+\.)*(?:hl7\.org|fhir\.org|loinc\.org|snomed\.info|unitsofmeasure\.org|nubc\.org|(?:cdc|nih|fda|cms|hhs|ahrq|samhsa|clinicaltrials|medlineplus|cancer)\.gov|who\.int|doi\.org|w3\.org|json-schema\.org|cochranelibrary\.com|nejm\.org|thelancet\.com|jamanetwork\.com|bmj\.com|ahajournals\.org|acc\.org|heart\.org|diabetes\.org|cancer\.org|nccn\.org|uptodate\.com|mayoclinic\.org)(?=[/:]|$)/i;

/** Numbers that such publishers give their pages and codes. */
const PAGE_NUMBER =
  /(?<=^loinc\.org\/)\d{1,7}-\d\b|(?<=^snomed\.info\/(?:id|sct)\/)\d{6,18}\b|(?<=^snomed\.info\/sct\/\d{6,18}\/version\/)\d{8}\b|(?<=^pubmed\.ncbi\.nlm\.nih\.gov\/)\d{1,8}\b|(?<=\.nlm\.nih\.gov\/pmc\/articles\/)PMC\d{1,8}\b|(?<=clinicaltrials\.gov\/(?:study|ct2\/show)\/)NCT\d{8}\b|(?<=mayoclinic\.org\/[a-z/-]{0,100})[-/](?:syc|drc|art|faq)-\d{8}\b|\b10\.\d{4,5}\/(?:NEJM[a-z]{1,3}\d{7}|[a-z]{2,12}\.\d{4}\.\d{4,5})\b/gi;

/** A web address, without its scheme, that may stay: a plain page of a publisher. */
export function isPublicPage(address: string): boolean {
  return PUBLIC_HOST.test(address) && isPlain(address.replaceAll(PAGE_NUMBER, ''), 5);
}

/** An address that only says what kind of thing its neighbour is, as FHIR's systems and extensions do. */
export function isDefinition(address: string): boolean {
  return isPublicPage(address) || isPlain(address, 4);
}

/** True unless the address could carry something about a person: a query, a long number, a date, a given name. */
function isPlain(address: string, digitsFrom: 4 | 5): boolean {
  if (/[?@%#=]/.test(address)) return false;
  if ((digitsFrom === 4 ? /\d{4}/ : /\d{5}/).test(address) || GROUPED.test(address)) return false;
  return (address.match(/[A-Z]?[a-z]+|[A-Z]+/g) ?? []).every((word) => !isGiven(word.toLowerCase()));
}

/** Social security numbers, telephone numbers and dates. */
const GROUPED =
  /\d{3}[-._/]?\d{2}[-._/]?\d{4}|\d{3}[-._/]\d{4}|(?:19|20)\d\d[-._/]?\d\d?[-._/]?\d\d?(?!\d)|\b\d\d?[-_/]\d\d?[-_/](?:\d{4}|\d\d)\b/;

function isGiven(word: string): boolean {
  const flags = flagsOf(word);
  return (flags & GIVEN) !== 0 && (flags & (DOUBTFUL | LARGE_ONLY)) === 0;
}
