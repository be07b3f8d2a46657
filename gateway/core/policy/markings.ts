import type { DataClass } from '../../domain/vocabulary.ts';

/** HL7 v3 ActCode sensitivity codes that a text claims for itself. */
export type Marking = 'SUD' | 'PSYTHPN';

const WALK_DEPTH_MAX = 64;

/** The notice that 42 CFR 2.32 asks for on every disclosure, in its long and short forms, or the part's own number. */
const PART_2 =
  /\b42 ?c\.?f\.?r\.? ?(?:part|pt\.?|§) ?2\b|prohibits? unauthorized (?:use or )?disclosure of these records|prohibit you from making any further disclosure/i;
/** A programme of the kind that 42 CFR 2.11 means, in a text about a patient. */
const PROGRAMME =
  /\b(?:opioid|methadone|buprenorphine|substance (?:use|abuse)(?: disorder)?|alcohol|drug|addiction) (?:use |abuse )?(?:treatment|maintenance|rehabilitation|rehab|detox|detoxification|recovery) (?:program|programme|clinic|center|centre|facility)\b/i;
/** The heading of notes that 45 CFR 164.501 keeps apart; a mention of them in a sentence is none. */
const PSYCHOTHERAPY =
  /(?:^|\n)[ \t#*]*(?:confidential )?psychotherapy (?:process )?notes?[ \t*]*(?::|-|\n|$)/i;

/**
 * What the texts of a request say of their own sensitivity. A programme counts only where the data is about a patient:
 * a question without one is a question about medicine.
 */
export function markingsIn(prompt: unknown, dataClass: DataClass): readonly Marking[] {
  const found = new Set<Marking>();
  for (const text of textsOf(prompt, 0)) {
    if (PART_2.test(text) || (dataClass !== 'deidentified' && PROGRAMME.test(text))) found.add('SUD');
    if (PSYCHOTHERAPY.test(text)) found.add('PSYTHPN');
  }
  return [...found].toSorted();
}

function* textsOf(value: unknown, depth: number): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null || depth > WALK_DEPTH_MAX) return;
  for (const inner of Object.values(value)) yield* textsOf(inner, depth + 1);
}
