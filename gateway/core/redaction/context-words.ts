import type { Label } from './labels.ts';

/** How much a label alone says: a strong one is enough, a weak one wants "number", "#", a colon or many digits. */
export type Strength = 'strong' | 'weak';

/**
 * A word that says what the number after it is. `after` names a word that must stand just before it; a row with `hash`
 * counts only where "#" follows, because the word alone is a title or a symptom.
 */
export interface ContextRow {
  readonly word: string;
  readonly label: Label;
  readonly strength: Strength;
  readonly after?: string;
  readonly hash?: true;
}

const row = (label: Label, strength: Strength, words: string): readonly ContextRow[] =>
  words.split(' ').map((word) => ({ word, label, strength }));

/** Labels of identifiers; of two rows for one word the first whose `after` holds wins. */
export const CONTEXT_WORDS: readonly ContextRow[] = [
  ...row('MRN', 'strong', 'mrn medrec medrecord nhc cipa'),
  { word: 'mr', label: 'MRN', strength: 'strong', hash: true },
  { word: 'record', label: 'MRN', strength: 'strong', after: 'medical' },
  { word: 'rec', label: 'MRN', strength: 'strong', after: 'med' },
  { word: 'rec', label: 'MRN', strength: 'strong', after: 'medical' },
  { word: 'record', label: 'MRN', strength: 'strong', after: 'med' },
  ...row('MRN', 'weak', 'record records chart'),
  ...row('SSN', 'strong', 'ssn social'),
  { word: 'ss', label: 'SSN', strength: 'strong', hash: true },
  { word: 'security', label: 'SSN', strength: 'strong', after: 'social' },
  ...row('HPBN', 'strong', 'policy subscriber beneficiary medicare medicaid mbi hicn nass'),
  ...row('HPBN', 'weak', 'insurance ins member plan group hmo ppo payer'),
  ...row('ACCOUNT', 'strong', 'acct iban'),
  ...row('ACCOUNT', 'weak', 'account accounts card credit debit billing invoice claim routing bank'),
  ...row('LICENSE', 'strong', 'dea npi passport ncol'),
  ...row('LICENSE', 'weak', 'license licence lic certificate dl registration'),
  ...row('VEHICLE', 'strong', 'vin'),
  ...row('VEHICLE', 'weak', 'plate plates vehicle'),
  ...row('DEVICE', 'strong', 'imei serial udi'),
  ...row('DEVICE', 'weak', 'device pacemaker implant sn model lot'),
  ...row('PHONE', 'weak', 'phone telephone tel cell mobile pager ph call contact telefono'),
  ...row('FAX', 'weak', 'fax facsimile'),
  ...row('BIOMETRIC', 'strong', 'fingerprint voiceprint retinal iris faceprint biometric'),
  ...row('GEO', 'weak', 'zip zipcode postal postcode cp latitude longitude'),
  ...row(
    'OTHER_ID',
    'weak',
    'id ids identifier case accession encounter specimen reference ref confirmation badge employee subject',
  ),
  { word: 'ein', label: 'OTHER_ID', strength: 'strong' },
  { word: 'barcode', label: 'OTHER_ID', strength: 'strong' },
];

/** Words that may stand between a label and its number. */
export const CONNECTORS =
  'number numbers no nos num nbr nr id ids identifier code is are was as the his her their of for on file listed ending reads be value text display system type name s';
