import type { ModelCall } from '../../../core/models/upstream.ts';
import { tokensOf } from './cut.ts';
import { rawPieces, scriptOf } from './fixture-script.ts';
import type { Fixture } from './fixtures.ts';
import { type ChoiceScript, promptTokens, scriptFor } from './reply-script.ts';

/** What every simulated answer carries, so that none is mistaken for a model's. */
export const SIMULATED = 'simulated';

/** The answer as a host would send it: pieces of an event stream, each for one write to the network. */
export function wireOf(call: ModelCall, fixture: Fixture | undefined): readonly string[] {
  if (fixture?.raw) return rawPieces(fixture.raw);
  const { choices } = call.prompt;
  const scripts = Array.from({ length: choices }, (_, at) =>
    fixture ? scriptOf(fixture, call.prompt) : scriptFor(call.prompt, at),
  );
  const said = interleaved(scripts.map(deltasOf));
  if (fixture?.cutAfterChunks !== undefined) said.splice(fixture.cutAfterChunks);
  if (fixture?.error !== undefined) return [...said, frame(errorBody(fixture.error))];
  if (fixture?.cutAfterChunks !== undefined) return said;
  return [...said, ...scripts.map(finishOf), ...usageOf(call, scripts, fixture), 'data: [DONE]\n\n'];
}

/** The body of a host's error: a bare word is its code. */
export function errorBody(error: Fixture['error']): unknown {
  if (typeof error === 'string') return { error: { code: error, message: error } };
  return error === undefined || 'error' in error ? error : { error };
}

function frame(body: unknown): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}

function chunk(more: object): string {
  return frame({ object: 'chat.completion.chunk', system_fingerprint: SIMULATED, ...more });
}

function delta(index: number, said: object): string {
  return chunk({ choices: [{ index, delta: said, finish_reason: null }] });
}

function deltasOf({ text, refusal, tool }: ChoiceScript, index: number): readonly string[] {
  return [
    ...text.map((content) => delta(index, { content })),
    ...refusal.map((said) => delta(index, { refusal: said })),
    ...(tool ? toolDeltas(tool, index) : []),
  ];
}

function toolDeltas(tool: NonNullable<ChoiceScript['tool']>, index: number): readonly string[] {
  const call = (more: object) => delta(index, { tool_calls: [{ index: 0, ...more }] });
  return [
    call({ id: tool.id, type: 'function', function: { name: tool.name, arguments: '' } }),
    ...tool.arguments.map((piece) => call({ function: { arguments: piece } })),
  ];
}

function finishOf({ finishReason }: ChoiceScript, index: number): string {
  return chunk({ choices: [{ index, delta: {}, finish_reason: finishReason }] });
}

/** One piece of each choice in turn, as hosts send several choices. */
function interleaved(rows: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: longest }, (_, at) => rows.flatMap((row) => row.slice(at, at + 1))).flat();
}

function usageOf(
  call: ModelCall,
  scripts: readonly ChoiceScript[],
  fixture: Fixture | undefined,
): readonly string[] {
  if (fixture?.usage === null) return [];
  return [chunk({ choices: [], usage: fixture?.usage ?? countedUsage(call, scripts) })];
}

function countedUsage({ prompt }: ModelCall, scripts: readonly ChoiceScript[]): object {
  const input = promptTokens(prompt);
  const output = scripts.reduce((sum, script) => sum + Math.max(1, tokensOf(saidBy(script))), 0);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

function saidBy({ text, refusal, tool }: ChoiceScript): string {
  return [...text, ...refusal, ...(tool?.arguments ?? [])].join('');
}
