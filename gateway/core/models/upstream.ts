import type { ChatPrompt } from './chat.ts';
import type { EmbeddingsPrompt, Vector } from './embeddings.ts';

export const FINISH_REASONS = ['stop', 'length', 'tool_calls', 'content_filter'] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];

/**
 * What a model says, in one vocabulary for whole answers and streams. A whole answer is the same events, in one batch.
 * `usage` may come at any place and more than once; the last one counts.
 */
export type ReplyEvent =
  | { readonly kind: 'text'; readonly choice: number; readonly field: TextField; readonly text: string }
  | {
      readonly kind: 'toolCall';
      readonly choice: number;
      readonly index: number;
      readonly id: string;
      readonly name: string;
    }
  | { readonly kind: 'toolArguments'; readonly choice: number; readonly index: number; readonly text: string }
  | { readonly kind: 'finish'; readonly choice: number; readonly reason: FinishReason }
  | { readonly kind: 'usage'; readonly usage: ReportedUsage };

export type TextField = 'content' | 'refusal';

/** The host's own figures, clamped to safe integers >= 0. */
export interface ReportedUsage {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly reasoning: number;
}

/** Where in an answer a field may stand. */
export const REPLY_PLACES = ['body', 'choice', 'message', 'tool_call', 'usage'] as const;
export type ReplyPlace = (typeof REPLY_PLACES)[number];

/** What a host sent beyond the answer; none of it goes any further. */
export interface DroppedTally {
  /** Fields that no wire we know has, by place. Their names are the host's words and are not kept. */
  readonly unknownFields: Readonly<Record<ReplyPlace, number>>;
  /** Events after the end of the answer, as far as they had come when it was read to its end. */
  readonly postDoneData: number;
}

export interface ModelCall {
  /** Our request id; adapters may log it, and send it upstream as a client request id. */
  readonly requestId: string;
  readonly deployment: string;
  readonly stream: boolean;
  readonly prompt: ChatPrompt;
  /** 64 hex digits: a keyed hash of tenant and user (OpenAI `safety_identifier`). */
  readonly safetyIdentifier: string;
  /** 32 hex digits: a keyed hash of tenant and the caller's own key (OpenAI `prompt_cache_key`). */
  readonly promptCacheKey: string;
}

export interface ModelReply {
  /** `simulated`, or the host's own name for what answered. */
  readonly systemFingerprint: string | null;
  readonly upstreamRequestId: string | null;
  /** Every event until the answer is complete. Throws a Problem when the answer breaks off or cannot be understood. */
  readonly events: AsyncIterable<readonly ReplyEvent[]>;
  /** So far; final once the events have ended. */
  dropped(): DroppedTally;
}

export interface EmbedCall {
  /** Our request id; adapters may log it, and send it upstream as a client request id. */
  readonly requestId: string;
  readonly deployment: string;
  readonly prompt: EmbeddingsPrompt;
}

export interface EmbedReply {
  readonly upstreamRequestId: string | null;
  /** One for each input, in the order of the inputs, in the encoding asked for and all of one length. */
  readonly vectors: readonly Vector[];
  /** Undefined when the host reported none. */
  readonly usage: ReportedUsage | undefined;
}

/**
 * The one door to the model. `ask` resolves when the host has accepted the call (response headers read), and throws
 * `upstream_busy`, `upstream_error`, `upstream_timeout`, `upstream_auth_error`, `upstream_misconfigured`,
 * `content_filter` or `upstream_rejected`. Aborting the signal ends the call and the events. `embed` resolves when the
 * whole answer is read, and throws the same.
 */
export interface UpstreamModel {
  ask(call: ModelCall, signal: AbortSignal): Promise<ModelReply>;
  embed(call: EmbedCall, signal: AbortSignal): Promise<EmbedReply>;
  isReady(): boolean;
}
