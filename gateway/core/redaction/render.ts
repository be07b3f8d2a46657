import type { Finding } from './labels.ts';
import type { Action } from './profiles.ts';

/** Dates before this year may show that someone is over 89, so that even the year goes (164.514(b)(2)(i)(C)). */
const YEAR_KEPT_MIN = 1940;

/**
 * What stands in place of an identifier. Every result is left alone when the text is redacted again.
 * `plain` is the identifier's plain form, without the tail that may stay.
 */
export function render(finding: Finding, action: Action, plain: string): string {
  if (action === 'age') return '90+';
  if (action === 'zip3') return zipArea(plain);
  const year = action === 'year' ? yearOf(plain) : null;
  return year === null ? `[${finding.label}]` : `[${finding.label}:${year}]`;
}

/** Tells a token that `render` wrote: its length, or 0. */
export function tokenUnits(text: string): number {
  return TOKEN.exec(text)?.[0].length ?? 0;
}

/** The longest token there is. */
export const TOKEN_UNITS_MAX = 16;

const TOKEN =
  /^\[(?:NAME|GEO|DATE(?::\d{4})?|AGE90|PHONE|FAX|EMAIL|SSN|MRN|HPBN|ACCOUNT|LICENSE|VEHICLE|DEVICE|URL|IP|BIOMETRIC|PHOTO|OTHER_ID)\]/;

/** Whether a text holds what may stand in place of an identifier: a token, an age of 90+, the area of a ZIP code. */
export function holdsToken(text: string): boolean {
  return ANY_TOKEN.test(text);
}

const ANY_TOKEN = /\[[A-Z_0-9]{1,16}(?::\d{4})?\]|\d{3}\*\*|90\+/;

function yearOf(plain: string): string | null {
  const found =
    /(?<!\d)(?:1[89]|20)\d\d(?!\d)/.exec(plain)?.[0] ?? /^(?:19|20)\d\d(?=\d{4}$)/.exec(plain)?.[0];
  return found === undefined || Number(found) < YEAR_KEPT_MIN ? null : found;
}

/** Three-digit areas of 20,000 people or fewer, Census 2000, as HHS lists them in its guidance on de-identification. */
const SMALL_AREAS = new Set('036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893'.split(' '));

function zipArea(plain: string): string {
  const area = /\d{3}/.exec(plain)?.[0];
  return area === undefined || SMALL_AREAS.has(area) ? '000**' : `${area}**`;
}
