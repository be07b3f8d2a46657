import { Problem } from '../../domain/problem.ts';
import {
  type Assurance,
  DATA_CLASSES,
  type DataClass,
  HUMAN_PURPOSES,
  isOneOf,
  PURPOSES,
  type Purpose,
} from '../../domain/vocabulary.ts';

/** The `x-stewardgate-*` headers as sent. */
export interface SentContext {
  readonly purpose: string | undefined;
  readonly dataClass: string | undefined;
  readonly user: string | undefined;
  readonly patientRef: string | undefined;
  readonly labels: string | undefined;
  readonly consent: string | undefined;
}

/** Why, for whom and about whom a request is made. */
export interface RequestContext {
  readonly purpose: Purpose;
  readonly purposeSource: 'header' | 'default';
  readonly dataClass: DataClass;
  /** The human behind the request; `null` for software on its own. */
  readonly user: string | null;
  readonly patientRef: string | null;
  readonly labels: readonly string[];
  readonly consents: readonly string[];
  readonly assurance: Assurance;
}

/** Throws `purpose_required`, `context_invalid` or `patient_ref_not_opaque`, with the header's name as param. */
export function readContext(sent: SentContext, defaultPurpose: Purpose | null): RequestContext {
  const purpose = readPurpose(sent.purpose) ?? defaultPurpose;
  if (purpose === null) throw new Problem('purpose_required', { param: 'x-stewardgate-purpose' });
  const user = readUser(sent.user);
  if (user === null && HUMAN_PURPOSES.includes(purpose)) throw invalid('x-stewardgate-user');
  return {
    purpose,
    purposeSource: sent.purpose === undefined ? 'default' : 'header',
    dataClass: raisedBy(readLabels(sent.labels), readDataClass(sent.dataClass)),
    user,
    patientRef: readPatientRef(sent.patientRef),
    labels: readLabels(sent.labels),
    consents: readList(sent.consent, 'x-stewardgate-consent', /^[A-Za-z0-9._:#/-]{1,128}$/),
    assurance: 'asserted',
  };
}

const invalid = (header: string) => new Problem('context_invalid', { param: header });

function readPurpose(sent: string | undefined): Purpose | null {
  if (sent === undefined) return null;
  if (!isOneOf(PURPOSES, sent)) throw invalid('x-stewardgate-purpose');
  return sent;
}

function readDataClass(sent: string | undefined): DataClass {
  if (sent === undefined) return 'deidentified';
  if (!isOneOf(DATA_CLASSES, sent)) throw invalid('x-stewardgate-data-class');
  return sent;
}

function readUser(sent: string | undefined): string | null {
  if (sent === undefined) return null;
  if (!/^[A-Za-z0-9._:@#/-]{1,128}$/.test(sent) || NUMBERED.test(sent)) throw invalid('x-stewardgate-user');
  return sent.toLowerCase() === 'system' ? null : sent;
}

/** HL7 v3 Confidentiality and ActCode sensitivity codes, such as `R,SUD`. */
function readLabels(sent: string | undefined): readonly string[] {
  return readList(sent, 'x-stewardgate-labels', /^[A-Z]{1,16}$/);
}

/** Any sensitivity code, or confidentiality above normal, makes the data sensitive; nothing makes it less. */
function raisedBy(labels: readonly string[], declared: DataClass): DataClass {
  const isPlain = (label: string) => ['U', 'L', 'M', 'N'].includes(label);
  return labels.every(isPlain) ? declared : 'sensitive';
}

function readList(sent: string | undefined, header: string, form: RegExp): readonly string[] {
  if (sent === undefined) return [];
  const items = sent.split(',', 17).map((item) => item.trim());
  if (items.length > 16 || items.some((item) => !form.test(item) || NUMBERED.test(item)))
    throw invalid(header);
  return items;
}

/** Names a patient's number: such a reference would be kept in every record. */
const NUMBERED = /\d{3}-\d{2}-\d{4}|(?<![a-z])(mrn|ssn)(?![a-z])/i;

/** A reference may be a token; it may not look like a name, a record number or an SSN. */
function readPatientRef(sent: string | undefined): string | null {
  if (sent === undefined) return null;
  if (!isOpaque(sent)) throw new Problem('patient_ref_not_opaque', { param: 'x-stewardgate-patient-ref' });
  return sent;
}

/**
 * Opaque: 3 to 128 characters of a token alphabet, with both letters and digits in its longest run,
 * no date, no `mrn`, and not mostly digits. `John-Smith`, `MRN-0012345`, `123-45-6789` and `1970-01-01` are not.
 */
function isOpaque(reference: string): boolean {
  if (!/^[A-Za-z0-9._:/-]{3,128}$/.test(reference)) return false;
  if (/mrn|ssn|\d{3}-\d{2}-\d{4}|(?<!\d)(19|20)\d{2}-\d{2}-\d{2}(?!\d)/i.test(reference)) return false;
  const longest = reference
    .split(/[._:/-]/)
    .reduce((best, run) => (run.length > best.length ? run : best), '');
  const body = longest.length >= 8 ? longest : reference.replace(/[._:/-]/g, '');
  return /\d/.test(body) && /[A-Za-z]/.test(body);
}
