import { type ChatCompletionRequest, chatCompletionRequest } from '../contract/openai-chat.ts';
import { parseOrRefuse } from '../contract/parse.ts';
import type { ChatMessage, ChatPrompt, ChatTool, ResponseFormat, ToolChoice } from '../core/models/chat.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Phi } from '../domain/phi.ts';
import type { Entry } from './entry.ts';
import type { Caller } from './identify.ts';
import type { ModelRequest } from './model-request.ts';

export type Asked = Pass<
  'understood',
  {
    readonly caller: Caller;
    /** The name as asked for: a version such as `mayo-cr-1`, or a bare model name. */
    readonly model: string;
    readonly streamed: boolean;
    readonly wantsUsage: boolean;
    /** The most tokens the caller asks for in one answer; null when it does not say. */
    readonly tokensWanted: number | null;
    readonly prompt: Phi<Omit<ChatPrompt, 'maxCompletionTokens'>>;
  }
>;

/** What is asked. Throws the problems of a body: `invalid_json`, `unknown_parameter`, `invalid_parameter`. */
export async function understand(entry: Entry, caller: Caller, request: ModelRequest): Promise<Asked> {
  const body = parseOrRefuse(chatCompletionRequest, await request.readBody());
  const streamed = body.stream === true;
  entry.note({ streamed });
  return mint({
    caller,
    model: body.model,
    streamed,
    wantsUsage: body.stream_options?.include_usage === true,
    tokensWanted: body.max_completion_tokens ?? body.max_tokens ?? null,
    prompt: new Phi(promptOf(body)),
  });
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

/** `{ [name]: value }`, or nothing when the value is absent; so that exact optional fields stay absent. */
function given<Name extends string, T>(name: Name, value: T | null | undefined): { [N in Name]?: T } {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [N in Name]?: T };
}

type WireMessage = ChatCompletionRequest['messages'][number];

function messageOf(message: WireMessage): ChatMessage {
  const content = textOf(message.content);
  if (message.role === 'tool')
    return { role: 'tool', content: content ?? '', toolCallId: message.tool_call_id };
  if (message.role !== 'assistant') {
    return { role: message.role, content: content ?? '', ...given('name', message.name) };
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
  return typeof content === 'string' ? content : content.map((part) => part.text).join('\n');
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
