import type { ReportedUsage } from '../../core/models/upstream.ts';

/**
 * A chat completion's `usage` as counts, each clamped to a safe integer >= 0, the details to their totals.
 * Undefined when the totals are not numbers: then the host has reported nothing. Details may be absent or null;
 * some hosts put `reasoning_tokens` beside the totals.
 */
export function readUsage(usage: unknown): ReportedUsage | undefined {
  if (typeof usage !== 'object' || usage === null) return undefined;
  const from = usage as Fields;
  const input = count(from.prompt_tokens);
  const output = count(from.completion_tokens);
  if (input === undefined || output === undefined) return undefined;
  const cached = count(detail(from.prompt_tokens_details, 'cached_tokens'));
  const reasoning =
    count(detail(from.completion_tokens_details, 'reasoning_tokens')) ?? count(from.reasoning_tokens);
  return {
    input,
    cachedInput: Math.min(input, cached ?? 0),
    output,
    reasoning: Math.min(output, reasoning ?? 0),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function detail(details: unknown, name: string): unknown {
  return typeof details === 'object' && details !== null ? (details as Fields)[name] : undefined;
}

function count(value: unknown): number | undefined {
  if (typeof value !== 'number' || Number.isNaN(value)) return undefined;
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.floor(value)));
}
