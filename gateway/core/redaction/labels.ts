/** Kinds of identifier: the eighteen of 45 CFR 164.514(b)(2)(i), with FAX, AGE90 and PHOTO told apart. */
export const LABELS = [
  'NAME',
  'GEO',
  'DATE',
  'AGE90',
  'PHONE',
  'FAX',
  'EMAIL',
  'SSN',
  'MRN',
  'HPBN',
  'ACCOUNT',
  'LICENSE',
  'VEHICLE',
  'DEVICE',
  'URL',
  'IP',
  'BIOMETRIC',
  'PHOTO',
  'OTHER_ID',
] as const;
export type Label = (typeof LABELS)[number];

/** Part of a text that identifies someone; offsets in UTF-16 units, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly label: Label;
}

/** Finer than a label: what a profile may treat differently within GEO. */
export type Part = 'whole' | 'city' | 'zip';

/** What a recogniser saw, in units of the text it was shown. */
export interface Finding {
  readonly end: number;
  readonly label: Label;
  readonly part?: Part;
  /** Where the identifier itself ends, when a tail such as a US state may stay; the span still covers the tail. */
  readonly keepFrom?: number;
  /** Set when the identifier runs on beyond the window: the rest is swallowed up to the matching border. */
  readonly runsOn?: 'opaque' | 'url' | 'string';
  /** Surnames to look out for in the rest of the text. */
  readonly remember?: readonly string[];
}
