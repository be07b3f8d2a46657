import type { ResponsesEcho } from '../contract/openai-responses.ts';
import type { ChatPrompt } from '../core/models/chat.ts';
import type { Phi } from '../domain/phi.ts';

/** What every request to a model says, whatever it is asked for. */
export interface AnyWish {
  /** A version such as `mayo-cr-1`, or a bare model name. */
  readonly model: string;
  readonly streamed: boolean;
  readonly prompt: object;
}

/** What a caller asks of the model in a conversation, whatever wire it came over. */
export interface Wish extends AnyWish {
  /** Whether the stream is to end with the figures. */
  readonly wantsUsage: boolean;
  /** The most tokens the caller asks for in one answer; null when it does not say. */
  readonly tokensWanted: number | null;
  /** The caller's own key for the host's prompt cache; it is never sent as it is. */
  readonly cacheKey?: string;
  readonly prompt: Omit<ChatPrompt, 'maxCompletionTokens'>;
  /** What the answer gives back of the caller's own request, on a wire that does; no stage adds to it. */
  readonly echo?: Phi<ResponsesEcho>;
}

/**
 * How the bodies of one wire are understood: a parsed JSON object against that wire's allow-list.
 * Throws `unknown_parameter` or `invalid_parameter`, by the parameter's path, and the problems of what is never granted.
 */
export type Dialect<W extends AnyWish = Wish> = (body: unknown) => W;
