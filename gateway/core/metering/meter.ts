import { NO_USAGE, type TokenUsage, type UsageSource } from './usage.ts';

export interface MeterReading {
  readonly usage: TokenUsage;
  readonly source: UsageSource;
}

interface Evidence {
  /** The last figures the host reported, on whatever chunk; undefined when it never did. */
  readonly reported: TokenUsage | undefined;
  /** Whether the model was asked at all. */
  readonly wasAsked: boolean;
  readonly callerLeft: boolean;
  readonly promptBytes: number;
  readonly answerCharacters: number;
}

/** What one request is metered at, decided once: the host's figures when it gave any that can be true, else our estimate, else nothing. */
export function readMeter(evidence: Evidence): MeterReading {
  if (!evidence.wasAsked) return { usage: NO_USAGE, source: 'none' };
  if (evidence.reported !== undefined && isBelievable(evidence.reported, evidence)) {
    return { usage: coherent(evidence.reported), source: evidence.callerLeft ? 'drained' : 'upstream' };
  }
  const input = Math.ceil(evidence.promptBytes / UNITS_PER_TOKEN);
  const output = Math.ceil(evidence.answerCharacters / UNITS_PER_TOKEN);
  return { usage: { input, cachedInput: 0, output, reasoning: 0 }, source: 'estimated' };
}

/** More than any model reads or writes in one call, and far less than the ledger's columns hold. */
const TOKENS_MAX = 100_000_000;

/** Nothing is read or said for no tokens at all. */
function isBelievable({ input, output }: TokenUsage, said: Evidence): boolean {
  const isTooLittle = (input === 0 && said.promptBytes > 0) || (output === 0 && said.answerCharacters > 0);
  return !isTooLittle && input <= TOKENS_MAX && output <= TOKENS_MAX;
}

/** English prose runs at about four characters, and as many bytes, a token in the o200k vocabulary. */
const UNITS_PER_TOKEN = 4;

/** Details are parts of their totals, whatever the host says. */
function coherent(usage: TokenUsage): TokenUsage {
  const { input, output } = usage;
  return {
    input,
    output,
    cachedInput: Math.min(usage.cachedInput, input),
    reasoning: Math.min(usage.reasoning, output),
  };
}
