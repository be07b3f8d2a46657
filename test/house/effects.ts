import { ENVIRONMENT_READERS } from './floor-table.ts';
import type { Token } from './source-tokens.ts';

interface Effect {
  readonly rule: 'environment' | 'clock-or-chance';
  readonly line: number;
  readonly detail: string;
}

/** Where code reads the environment, or (on a timeless floor) a clock or a source of chance. */
export function effectsIn(tokens: readonly Token[], path: string, timeless: boolean): readonly Effect[] {
  const readsEnvironment = ENVIRONMENT_READERS.includes(path) ? [] : find('environment', ENVIRONMENT, tokens);
  return [...readsEnvironment, ...(timeless ? find('clock-or-chance', CLOCK_AND_CHANCE, tokens) : [])];
}

/** Sequences of tokens, blank-separated; `!x` asks that the token there is not `x`, and comes before or after the rest. */
const ENVIRONMENT = [
  'process . env',
  'process ? . env',
  'process [',
  '} = process !.',
  'env } from node:process',
  'process . loadEnvFile',
  'getBuiltinModule',
];

const CLOCK_AND_CHANCE = [
  'Date . now',
  'new Date ( )',
  'new Date !(',
  '!new Date (',
  'Temporal . Now',
  'performance . now',
  'process . hrtime',
  'Math . random',
  'randomUUID',
  'randomUUIDv7',
  'randomBytes',
  'randomInt',
  'randomFillSync',
  'getRandomValues',
];

function find(rule: Effect['rule'], patterns: readonly string[], tokens: readonly Token[]): Effect[] {
  const sequences = patterns.map((pattern) => pattern.split(' '));
  const code = tokens.map((token) =>
    token.kind === 'text' && !token.text.startsWith('node:') ? "''" : token.text,
  );
  return tokens.flatMap((token, at) => {
    const hit = sequences.find((sequence) => matches(sequence, code, at));
    return hit === undefined ? [] : [{ rule, line: token.line, detail: hit.join(' ') }];
  });
}

function matches(sequence: readonly string[], code: readonly string[], at: number): boolean {
  return sequence.every((wanted, offset) => {
    const here = code[at + offset];
    return wanted.startsWith('!') ? here !== wanted.slice(1) : here === wanted;
  });
}
