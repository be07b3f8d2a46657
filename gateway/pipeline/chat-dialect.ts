import { forbiddenIn } from '../contract/forbidden.ts';
import { readImageUrl } from '../contract/image-url.ts';
import { type ChatCompletionRequest, chatCompletionRequest } from '../contract/openai-chat.ts';
import { parseOrRefuse } from '../contract/parse.ts';
import type {
  ChatImage,
  ChatMessage,
  ChatPrompt,
  ChatTool,
  ResponseFormat,
  ToolChoice,
} from '../core/models/chat.ts';
import type { Wish } from './dialect.ts';
import { given } from './given.ts';

/**
 * Reads the body of `POST /v1/chat/completions`. Throws `unknown_parameter`, `invalid_parameter`, `tool_not_allowed` or
 * `remote_url_not_allowed`.
 */
export function chatDialect(body: unknown): Wish {
  const request = parseOrRefuse(chatCompletionRequest, body, forbiddenIn);
  return {
    model: request.model,
    streamed: request.stream === true,
    wantsUsage: request.stream_options?.include_usage === true,
    tokensWanted: request.max_completion_tokens ?? request.max_tokens ?? null,
    ...given('cacheKey', request.prompt_cache_key),
    prompt: promptOf(request),
  };
}

function promptOf(body: ChatCompletionRequest): Omit<ChatPrompt, 'maxCompletionTokens'> {
  return {
    messages: body.messages.map(messageOf),
    choices: body.n ?? 1,
    ...given('temperature', body.temperature),
    ...given('topP', body.top_p),
    ...given('frequencyPenalty', body.frequency_penalty),
    ...given('presencePenalty', body.presence_penalty),
    ...given('seed', body.seed),
    ...given('stop', typeof body.stop === 'string' ? [body.stop] : body.stop),
    ...given('reasoningEffort', body.reasoning_effort),
    ...given('verbosity', body.verbosity),
    ...given('tools', body.tools?.map(toolOf)),
    ...given('toolChoice', body.tool_choice === undefined ? undefined : toolChoiceOf(body.tool_choice)),
    ...given('parallelToolCalls', body.parallel_tool_calls),
    ...given(
      'responseFormat',
      body.response_format === undefined ? undefined : formatOf(body.response_format),
    ),
  };
}

type WireMessage = ChatCompletionRequest['messages'][number];

function messageOf(message: WireMessage): ChatMessage {
  const content = textOf(message.content);
  const images = imagesOf(message.content);
  if (message.role === 'tool')
    return { role: 'tool', content: content ?? '', toolCallId: message.tool_call_id };
  if (message.role !== 'assistant') {
    const shown = images.length === 0 ? {} : { images };
    return { role: message.role, content: content ?? '', ...given('name', message.name), ...shown };
  }
  const toolCalls = message.tool_calls?.map(({ id, function: call }) => ({ id, ...call }));
  return {
    role: 'assistant',
    content,
    ...given('refusal', message.refusal),
    ...given('name', message.name),
    ...given('toolCalls', toolCalls),
  };
}

function textOf(content: WireMessage['content']): string | null {
  if (content === null || content === undefined) return null;
  if (typeof content === 'string') return content;
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

function imagesOf(content: WireMessage['content']): readonly ChatImage[] {
  if (typeof content === 'string' || content === null || content === undefined) return [];
  return content.flatMap((part) => {
    if (part.type === 'text') return [];
    const { url, detail } = part.image_url;
    return [{ ...readImageUrl(url, 'messages'), ...given('detail', detail) }];
  });
}

function toolOf({ function: tool }: NonNullable<ChatCompletionRequest['tools']>[number]): ChatTool {
  return {
    name: tool.name,
    ...given('description', tool.description),
    ...given('parameters', tool.parameters),
    ...given('strict', tool.strict),
  };
}

function toolChoiceOf(choice: NonNullable<ChatCompletionRequest['tool_choice']>): ToolChoice {
  return typeof choice === 'string' ? choice : { name: choice.function.name };
}

function formatOf(format: NonNullable<ChatCompletionRequest['response_format']>): ResponseFormat {
  if (format.type !== 'json_schema') return format;
  const { name, description, schema, strict } = format.json_schema;
  return {
    type: 'json_schema',
    name,
    schema,
    ...given('description', description),
    ...given('strict', strict),
  };
}
