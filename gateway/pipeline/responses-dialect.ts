import { forbiddenIn } from '../contract/forbidden.ts';
import { readImageUrl } from '../contract/image-url.ts';
import { type ResponsesEcho, type ResponsesRequest, responsesRequest } from '../contract/openai-responses.ts';
import { parseOrRefuse } from '../contract/parse.ts';
import type {
  ChatImage,
  ChatMessage,
  ChatPrompt,
  ChatTool,
  ResponseFormat,
  ToolChoice,
} from '../core/models/chat.ts';
import { Phi } from '../domain/phi.ts';
import type { Wish } from './dialect.ts';
import { given } from './given.ts';

/**
 * Reads the body of `POST /v1/responses` as the chat prompt that says the same; the model is asked in no other way.
 * Throws `unknown_parameter`, `invalid_parameter`, `tool_not_allowed` or `remote_url_not_allowed`.
 */
export function responsesDialect(body: unknown): Wish {
  const request = parseOrRefuse(responsesRequest, body, forbiddenIn);
  return {
    model: request.model,
    streamed: request.stream === true,
    wantsUsage: true,
    tokensWanted: request.max_output_tokens ?? null,
    ...given('cacheKey', request.prompt_cache_key),
    prompt: promptOf(request),
    echo: new Phi(echoOf(request)),
  };
}

function promptOf(body: ResponsesRequest): Omit<ChatPrompt, 'maxCompletionTokens'> {
  const tools = body.tools ?? [];
  const format = body.text?.format;
  return {
    messages: messagesOf(body),
    choices: 1,
    ...given('temperature', body.temperature),
    ...given('topP', body.top_p),
    ...given('reasoningEffort', body.reasoning?.effort),
    ...given('verbosity', body.text?.verbosity),
    ...given('tools', tools.length === 0 ? undefined : tools.map(toolOf)),
    ...given('toolChoice', choiceOf(body)),
    ...given('parallelToolCalls', tools.length === 0 ? undefined : body.parallel_tool_calls),
    ...given('responseFormat', format === undefined ? undefined : formatOf(format)),
  };
}

type InputItem = Exclude<ResponsesRequest['input'], string>[number];
type Turn = Extract<InputItem, { readonly role: unknown }>;

function messagesOf({ instructions, input }: ResponsesRequest): readonly ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (typeof instructions === 'string') messages.push({ role: 'system', content: instructions });
  if (typeof input === 'string') return [...messages, { role: 'user', content: input }];
  for (const item of input) append(messages, item);
  return messages;
}

/** Chat completions want all calls of one turn in the assistant's message, where the items here stand one by one. */
function append(messages: ChatMessage[], item: InputItem): void {
  if ('role' in item) {
    messages.push(turnOf(item));
    return;
  }
  if (item.type === 'function_call_output') {
    messages.push({ role: 'tool', content: textOf(item.output), toolCallId: item.call_id });
    return;
  }
  const call = { id: item.call_id, name: item.name, arguments: item.arguments };
  const last = messages.at(-1);
  if (last?.role !== 'assistant') messages.push({ role: 'assistant', content: null, toolCalls: [call] });
  else messages.splice(-1, 1, { ...last, toolCalls: [...(last.toolCalls ?? []), call] });
}

function turnOf(turn: Turn): ChatMessage {
  if (turn.role !== 'assistant') {
    const images = imagesOf(turn.content);
    return { role: turn.role, content: textOf(turn.content), ...(images.length === 0 ? {} : { images }) };
  }
  if (typeof turn.content === 'string') return { role: 'assistant', content: turn.content };
  const said = turn.content.flatMap((part) => (part.type === 'output_text' ? [part.text] : []));
  const refused = turn.content.flatMap((part) => (part.type === 'refusal' ? [part.refusal] : []));
  return {
    role: 'assistant',
    content: said.length === 0 ? null : said.join('\n'),
    ...given('refusal', refused.length === 0 ? undefined : refused.join('\n')),
  };
}

type Content = Exclude<Turn, { readonly role: 'assistant' }>['content'];

function textOf(content: Content): string {
  if (typeof content === 'string') return content;
  return content.flatMap((part) => (part.type === 'input_text' ? [part.text] : [])).join('\n');
}

function imagesOf(content: Content): readonly ChatImage[] {
  if (typeof content === 'string') return [];
  return content.flatMap((part) =>
    part.type === 'input_image'
      ? [{ ...readImageUrl(part.image_url, 'input'), ...given('detail', part.detail) }]
      : [],
  );
}

function toolOf({ name, description, parameters, strict }: ResponsesEcho['tools'][number]): ChatTool {
  return {
    name,
    ...given('description', description),
    ...given('parameters', parameters),
    ...given('strict', strict),
  };
}

/** A word about tools means nothing to a host that is given none. */
function choiceOf({ tools, tool_choice: choice }: ResponsesRequest): ToolChoice | undefined {
  if (choice === null || choice === undefined) return undefined;
  if (typeof choice !== 'string') return { name: choice.name };
  return (tools ?? []).length === 0 && choice !== 'required' ? undefined : choice;
}

function formatOf(format: NonNullable<ResponsesEcho['text']['format']>): ResponseFormat {
  if (format.type !== 'json_schema') return format;
  const { name, description, schema, strict } = format;
  return {
    type: 'json_schema',
    name,
    schema,
    ...given('description', description),
    ...given('strict', strict),
  };
}

/** The caller's own, written by name: nothing that the gateway adds to the prompt can be in it. */
function echoOf(body: ResponsesRequest): ResponsesEcho {
  return {
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    temperature: body.temperature ?? null,
    top_p: body.top_p ?? null,
    tools: body.tools ?? [],
    tool_choice: body.tool_choice ?? 'auto',
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    text: { ...body.text, format: body.text?.format ?? { type: 'text' } },
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    metadata: body.metadata ?? {},
    user: body.user ?? null,
    safety_identifier: body.safety_identifier ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
  };
}
