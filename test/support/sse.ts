import assert from 'node:assert/strict';

export interface Chunk {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint?: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: {
      readonly role?: string;
      readonly content?: string;
      readonly refusal?: string;
      readonly tool_calls?: readonly {
        readonly index: number;
        readonly id?: string;
        readonly function: { readonly name?: string; readonly arguments?: string };
      }[];
    };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  readonly stewardgate?: {
    readonly decision_id: string;
    readonly redactions: number;
    readonly model_version: string;
    readonly policy_set: string;
  };
  readonly error?: { readonly code: string; readonly message: string };
}

/** A stream as it came: its frames in order, and whether it ended with `[DONE]`. */
export interface Stream {
  readonly raw: string;
  readonly chunks: readonly Chunk[];
  readonly isDone: boolean;
  /** The text of one choice, put together. */
  text(choice?: number): string;
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

/** Parses server-sent events strictly: `data:` frames and comments, nothing after `[DONE]`. */
export function readStream(raw: string): Stream {
  const frames = raw.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'));
  const payloads = frames.map((frame) => {
    assert.match(frame, /^data: [^\n]+$/);
    return frame.slice('data: '.length);
  });
  const isDone = payloads.at(-1) === '[DONE]';
  const chunks = (isDone ? payloads.slice(0, -1) : payloads).map((payload) => JSON.parse(payload) as Chunk);
  const deltas = (choice: number) =>
    chunks
      .flatMap((chunk) => (chunk.choices ?? []).filter((one) => one.index === choice))
      .map((one) => one.delta);
  return {
    raw,
    chunks,
    isDone,
    text: (choice = 0) =>
      deltas(choice)
        .map((delta) => delta.content ?? '')
        .join(''),
    error: chunks.find((chunk) => chunk.error !== undefined)?.error,
  };
}
