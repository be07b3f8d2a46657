/**
 * A chat request after validation, in the OpenAI chat-completions shape: only fields the gateway understands.
 * It is what stages transform and what upstream adapters put on the wire.
 */
export interface ChatPrompt {
  readonly messages: readonly ChatMessage[];
  readonly maxCompletionTokens: number;
  readonly choices: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly reasoningEffort?: string;
  readonly verbosity?: string;
  readonly tools?: readonly ChatTool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly responseFormat?: ResponseFormat;
}

export type ChatMessage =
  | {
      readonly role: 'system' | 'developer' | 'user';
      readonly content: string;
      readonly name?: string;
      /** Of a user; the model is shown them after the text. */
      readonly images?: readonly ChatImage[];
    }
  | {
      readonly role: 'assistant';
      readonly content: string | null;
      readonly refusal?: string | null;
      readonly name?: string;
      readonly toolCalls?: readonly ToolCall[];
    }
  | { readonly role: 'tool'; readonly content: string; readonly toolCallId: string };

export interface ChatImage {
  readonly mediaType: 'image/png' | 'image/jpeg';
  readonly base64: string;
  readonly detail?: 'auto' | 'low' | 'high';
}

/** All images of a prompt, in their order. */
export function imagesIn({ messages }: Pick<ChatPrompt, 'messages'>): readonly ChatImage[] {
  return messages.flatMap((message) => ('images' in message ? (message.images ?? []) : []));
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

export interface ChatTool {
  readonly name: string;
  readonly description?: string;
  /** A JSON Schema. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly strict?: boolean | null;
}

export type ToolChoice = 'none' | 'auto' | 'required' | { readonly name: string };

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name: string;
      readonly description?: string;
      readonly schema: Readonly<Record<string, unknown>>;
      readonly strict?: boolean | null;
    };
