import type { ResponsesEcho } from '../contract/openai-responses.ts';
import type { ChatPrompt } from '../core/models/chat.ts';
import type { Phi } from '../domain/phi.ts';

/** What a caller asks of the model, whatever wire it came over. */
export interface Wish {
  /** A version such as `mayo-cr-1`, or a bare model name. */
  readonly model: string;
  readonly streamed: boolean;
  /** Whether the stream is to end with the figures. */
  readonly wantsUsage: boolean;
  /** The most tokens the caller asks for in one answer; null when it does not say. */
  readonly tokensWanted: number | null;
  readonly prompt: Omit<ChatPrompt, 'maxCompletionTokens'>;
  /** What the answer gives back of the caller's own request, on a wire that does; no stage adds to it. */
  readonly echo?: Phi<ResponsesEcho>;
}

/**
 * How the bodies of one wire are understood: a parsed JSON object against that wire's allow-list.
 * Throws `unknown_parameter` or `invalid_parameter`, by the parameter's path, and the problems of what is never granted.
 */
export type Dialect = (body: unknown) => Wish;
