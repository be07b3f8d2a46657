import { readSlug } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import {
  DATA_CLASSES,
  isOneOf,
  MODEL_ACTIONS,
  PURPOSES,
  REGIONS,
  STAGES,
  TIERS,
} from '../../domain/vocabulary.ts';
import { MODEL_NAME } from './facts.ts';
import { type Duties, readDuties } from './obligations.ts';
import { ANY, ATTRIBUTES, type Attribute, ROLES, type Rule, type Words } from './rule.ts';
import { SENTINEL_TENANT } from './sentinels.ts';
import { type Row, readTable } from './table.ts';

const COLUMNS = ['id', ...ATTRIBUTES, 'eft', 'obligations'] as const;
type Column = (typeof COLUMNS)[number];

const REASONS_MAX = 50;
const WORDS_MAX = 64;

/**
 * The stewards' table as typed rules, in file order, frozen. All or nothing: one unknown word, missing cell, repeated
 * id or odd character throws `policy_invalid` with reasons such as `line 12: eft`.
 */
export function parseRules(text: string): readonly Rule[] {
  const table = readTable(text, COLUMNS);
  const reasons = [...table.reasons, ...table.rows.flatMap(faultsOf), ...repeatedIds(table.rows)];
  if (reasons.length > 0) throw new Problem('policy_invalid', { reasons: reasons.slice(0, REASONS_MAX) });
  return Object.freeze(table.rows.map(ruleOf));
}

function faultsOf({ line, cells }: Row<Column>): readonly string[] {
  const faults = [
    ...(RULE_ID.test(cells.id) && !TAKEN.has(cells.id) ? [] : ['id']),
    ...ATTRIBUTES.filter((attribute) => !isList(cells[attribute], ADMITTED[attribute])),
    ...(cells.eft === 'allow' || cells.eft === 'deny' ? [] : ['eft']),
    ...(dutiesOrReason(cells) === undefined ? ['obligations'] : []),
  ];
  return faults.map((fault) => `line ${line}: ${fault}`);
}

const RULE_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Words with a meaning of their own; a rule, tenant or model of that name would read as something else. */
const TAKEN: ReadonlySet<string> = new Set([
  ...ROLES,
  ...TIERS,
  ...DATA_CLASSES,
  ...STAGES,
  ...MODEL_ACTIONS,
  'allow',
  'deny',
]);

const ADMITTED: Readonly<Record<Attribute, (word: string) => boolean>> = {
  tenant: isTenantWord,
  role: (word) => isOneOf(ROLES, word),
  purpose: (word) => isOneOf(PURPOSES, word),
  class: (word) => isOneOf(DATA_CLASSES, word),
  model: (word) => MODEL_NAME.test(word) && !TAKEN.has(word),
  stage: (word) => isOneOf(STAGES, word),
  action: (word) => isOneOf(MODEL_ACTIONS, word),
  region: (word) => isOneOf(REGIONS, word),
};

function isTenantWord(word: string): boolean {
  if (word.startsWith('tier:')) return isOneOf(TIERS, word.slice('tier:'.length));
  const slug = word.slice('tenant:'.length);
  return (
    word.startsWith('tenant:') && readSlug(slug) !== undefined && !TAKEN.has(slug) && slug !== SENTINEL_TENANT
  );
}

function isList(cell: string, admitted: (word: string) => boolean): boolean {
  if (cell === ANY) return true;
  const words = cell.split('|');
  return words.length <= WORDS_MAX && words.every(admitted) && new Set(words).size === words.length;
}

type DutiesOrReason = { readonly duties: Duties } | { readonly reason: string };

function dutiesOrReason({ eft, obligations }: Row<Column>['cells']): DutiesOrReason | undefined {
  if (eft === 'deny') {
    const reason = /^reason=([a-z][a-z0-9_]{0,63})$/.exec(obligations)?.[1];
    return reason === undefined ? undefined : { reason };
  }
  const duties = readDuties(obligations);
  return duties === undefined ? undefined : { duties };
}

function repeatedIds(rows: readonly Row<Column>[]): readonly string[] {
  const seen = new Set<string>();
  return rows.flatMap(({ line, cells }) => {
    const repeated = seen.has(cells.id);
    seen.add(cells.id);
    return repeated ? [`line ${line}: id_repeated`] : [];
  });
}

/** Only for a row without faults. */
function ruleOf({ cells }: Row<Column>, position: number): Rule {
  const words = Object.fromEntries(
    ATTRIBUTES.map((attribute) => [attribute, Object.freeze(cells[attribute].split('|'))]),
  ) as Record<Attribute, Words>;
  const scope = { id: cells.id, position, ...words };
  const end = dutiesOrReason(cells);
  if (end === undefined) throw new Problem('policy_invalid', { reasons: ['obligations'] });
  return Object.freeze(
    'reason' in end ? { ...scope, eft: 'deny', ...end } : { ...scope, eft: 'allow', ...end },
  );
}
