import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision, PolicyRequest } from '../../../gateway/core/policy/decision.ts';
import {
  DATA_CLASSES,
  MODEL_ACTIONS,
  PURPOSES,
  REGIONS,
  STAGES,
  TIERS,
} from '../../../gateway/domain/vocabulary.ts';
import { decisionPointOf, policyText, table } from '../../policies/shipped-policy.ts';

const SLUGS = ['mayo', 'northwind', 'lakeside', 'summit', 'harbor', 'riverbend'];
/** All but the one that the last rule of a random policy allows, so that no random deny can empty the policy. */
const CARE_PURPOSES = PURPOSES.filter((purpose) => purpose !== 'PATRQT');
const MODELS = ['mayo-cr-0', 'mayo-cr-1', 'mayo-cr-2', 'mayo-cr-3'];

test('the shipped policy and an evaluator of plain loops agree on 6,000 random requests', () => {
  const text = policyText('stewardship.csv');
  assert.deepEqual(mismatches(text, 6_000, seeded(20)), []);
});

test('fifteen random policies and an evaluator of plain loops agree on 9,000 random requests', () => {
  const random = seeded(4);
  let allowed = 0;
  for (let set = 0; set < 15; set++) {
    const text = randomPolicy(random);
    assert.deepEqual(
      mismatches(text, 600, random, () => (allowed += 1)),
      [],
    );
  }
  assert.ok(allowed > 400, `only ${allowed} allows were compared`);
});

function mismatches(text: string, requests: number, random: Random, onAllow = () => {}): readonly unknown[] {
  const point = decisionPointOf(text);
  const rows = plainRows(text);
  return Array.from({ length: requests }, () => randomRequest(random)).flatMap((request) => {
    const got = summary(point.decide(request));
    const expected = evaluate(rows, request);
    if (expected.allowed) onAllow();
    return JSON.stringify(got) === JSON.stringify(expected) ? [] : [{ request, got, expected }];
  });
}

function summary({ allowed, matchedRules, reasons, obligations }: Decision) {
  const { redact, maxTokens, humanReviewPercent } = obligations;
  return { allowed, matchedRules, reasons, redact, maxTokens, humanReviewPercent };
}

/** The policy once more, from its raw text, sharing nothing with the gateway. */
function evaluate(rows: readonly Readonly<Record<string, string>>[], request: PolicyRequest) {
  const words: Readonly<Record<string, readonly string[]>> = {
    tenant: [`tenant:${request.tenant}`, `tier:${request.tier}`],
    role: [request.principal[0] === 'u' ? 'human' : 'app'],
    purpose: [request.purpose],
    class: [request.dataClass],
    model: [request.model],
    stage: [request.stage],
    action: [request.action],
    region: [request.region],
  };
  const matched: Readonly<Record<string, string>>[] = [];
  for (const row of rows) {
    let fits = true;
    for (const [column, admitted] of Object.entries(words)) {
      const cell = row[column]!.split('|');
      if (!cell.includes('*') && !admitted.some((word) => cell.includes(word))) fits = false;
    }
    if (fits) matched.push(row);
  }
  const denies = matched.filter((row) => row.eft === 'deny');
  const allowed = matched.length > 0 && denies.length === 0;
  const reasons = denies.map((row) => row.obligations!.replace('reason=', ''));
  return {
    allowed,
    matchedRules: matched.map((row) => row.id),
    reasons: allowed ? [] : reasons.length > 0 ? [...new Set(reasons)] : ['no_matching_rule'],
    redact: allowed ? strictestRedaction(matched) : 'safe-harbor',
    maxTokens: allowed ? smallest(matched, 'max_tokens') : 0,
    humanReviewPercent: allowed ? mostReviewed(matched) : 0,
  };
}

function strictestRedaction(rows: readonly Readonly<Record<string, string>>[]): string {
  const said = rows.map((row) => duty(row, 'redact')).filter((value) => value !== undefined);
  if (said.length === 0 || said.includes('safe-harbor')) return 'safe-harbor';
  return said.includes('limited-dataset') ? 'limited-dataset' : 'none';
}

function smallest(rows: readonly Readonly<Record<string, string>>[], key: string): number | null {
  const said = rows.map((row) => duty(row, key)).filter((value) => value !== undefined);
  return said.length === 0 ? null : said.map(Number).sort((a, b) => a - b)[0]!;
}

function mostReviewed(rows: readonly Readonly<Record<string, string>>[]): number {
  let most = 0;
  for (const row of rows) {
    const said = duty(row, 'human_review') ?? 'never';
    most = Math.max(most, said === 'always' ? 100 : said === 'never' ? 0 : Number(said.split(':')[1]));
  }
  return most;
}

function duty(row: Readonly<Record<string, string>>, key: string): string | undefined {
  const part = row.obligations!.split(';').find((each) => each.trim().startsWith(`${key}=`));
  return part?.trim().slice(key.length + 1);
}

function plainRows(text: string): readonly Readonly<Record<string, string>>[] {
  const lines = text.split('\n').filter((line) => line.includes(',') && !line.startsWith('#'));
  const [header, ...body] = lines.map((line) => line.split(',').map((cell) => cell.trim()));
  return body.map((cells) => Object.fromEntries(header!.map((column, at) => [column, cells[at]!])));
}

function randomPolicy(random: Random): string {
  const rows = Array.from({ length: 5 + random(40) }, (_, at) => {
    const deny = random(6) === 0;
    const cells = [
      `r${at}`,
      cell(random, [...SLUGS.map((slug) => `tenant:${slug}`), ...TIERS.map((tier) => `tier:${tier}`)]),
      cell(random, ['app', 'human']),
      deny ? some(random, CARE_PURPOSES) : cell(random, PURPOSES),
      cell(random, DATA_CLASSES),
      cell(random, MODELS),
      cell(random, deny ? STAGES : ['pilot', 'ga']),
      cell(random, MODEL_ACTIONS),
      cell(random, REGIONS),
    ];
    return [...cells, deny ? `deny,reason=because_${random(3)}` : `allow,${randomDuties(random)}`].join(',');
  });
  return table(...NEVER, ...rows, 'always,*,human,PATRQT,*,*,ga,*,*,allow,-');
}

/** What the sentinels of any policy insist on. */
const NEVER = [
  'n1,*,*,HMARKT,*,*,*,*,*,deny,reason=never',
  'n2,*,*,*,*,*,suspended|retired,*,*,deny,reason=never',
  'n3,tier:covered-entity|tier:research|tier:payer,*,*,*,*,internal,*,*,deny,reason=never',
];

function randomDuties(random: Random): string {
  const duties = [
    `redact=${['none', 'limited-dataset', 'safe-harbor'][random(3)]}`,
    `max_tokens=${1 + random(4000)}`,
    `human_review=${['never', 'always', `sample:${1 + random(99)}`][random(3)]}`,
  ].filter(() => random(3) > 0);
  return duties.length === 0 ? '-' : duties.join('; ');
}

function cell(random: Random, words: readonly string[]): string {
  return random(2) === 0 ? '*' : some(random, words);
}

function some(random: Random, words: readonly string[]): string {
  const chosen = words.filter(() => random(3) === 0);
  return chosen.length === 0 ? words[random(words.length)]! : chosen.join('|');
}

function randomRequest(random: Random): PolicyRequest {
  const pick = <T>(words: readonly T[]): T => words[random(words.length)]!;
  const at = random(SLUGS.length);
  return {
    tenant: SLUGS[at]!,
    tier: TIERS[at % TIERS.length]!,
    principal: pick(['a:cli_1', 'u:someone']),
    purpose: pick(PURPOSES),
    dataClass: pick(DATA_CLASSES),
    model: pick(MODELS),
    stage: pick(STAGES),
    action: pick(MODEL_ACTIONS),
    region: pick(REGIONS),
  };
}

type Random = (below: number) => number;

/** Mulberry32: small, seeded, the same on every machine. */
function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
