import type { Label, Part } from './labels.ts';

/** How much of what is found may stay; `none` counts but replaces nothing. */
export type RedactionProfile = 'none' | 'limited-dataset' | 'safe-harbor';

/**
 * What becomes of a finding: `hide` puts a typed token, `year` keeps the year of a date, `age` writes 90+,
 * `zip3` keeps three digits where the law lets them stay, `keep` leaves the text and does not count it.
 */
export type Action = 'hide' | 'year' | 'age' | 'zip3' | 'keep';

type Actions = Partial<Readonly<Record<Label | `GEO.${Part}`, Action>>>;

/** 45 CFR 164.514(b)(2)(i): everything goes, save the year, "90 or older" and large three-digit ZIP areas. */
const SAFE_HARBOR: Actions = { DATE: 'year', AGE90: 'age', 'GEO.zip': 'zip3' };

/** 45 CFR 164.514(e)(2): dates, ages, town or city, State and ZIP may stay; sixteen direct identifiers go. */
const LIMITED: Actions = { DATE: 'keep', AGE90: 'keep', 'GEO.zip': 'keep', 'GEO.city': 'keep' };

const PROFILES: Readonly<Record<RedactionProfile, Actions>> = {
  'safe-harbor': SAFE_HARBOR,
  'limited-dataset': LIMITED,
  none: SAFE_HARBOR,
};

/** The action of a profile on one finding; what no row names is hidden. */
export function actionOn(profile: RedactionProfile, label: Label, part: Part = 'whole'): Action {
  const actions = PROFILES[profile];
  return (label === 'GEO' ? actions[`GEO.${part}`] : actions[label]) ?? 'hide';
}
