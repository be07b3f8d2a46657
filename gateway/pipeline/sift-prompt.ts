import type { ChatMessage, ChatPrompt, ChatTool, ResponseFormat } from '../core/models/chat.ts';
import { Problem } from '../domain/problem.ts';
import type { Sieve } from './sieve.ts';
import { siftSchema } from './sift-schema.ts';

/** Every text of the prompt through the sieve. Throws `undeclared_phi` for a name that holds an identifier. */
export async function siftPrompt(sieve: Sieve, prompt: ChatPrompt): Promise<ChatPrompt> {
  const { toolChoice, stop, tools, responseFormat } = prompt;
  if (typeof toolChoice === 'object') await requirePlainName(sieve, toolChoice.name, 'tool_choice');
  const messages = await each(renumbered(prompt.messages), (message) => siftMessage(sieve, message));
  return {
    ...prompt,
    messages,
    ...(stop === undefined ? {} : { stop: await each(stop, (text) => sieve.text(text)) }),
    ...(tools === undefined ? {} : { tools: await each(tools, (tool) => siftTool(sieve, tool)) }),
    ...(responseFormat === undefined ? {} : { responseFormat: await siftFormat(sieve, responseFormat) }),
  };
}

/** One after another: side by side they would all hold the processor at once. */
async function each<T, U>(items: readonly T[], sift: (item: T) => Promise<U>): Promise<readonly U[]> {
  const sifted: U[] = [];
  for (const item of items) sifted.push(await sift(item));
  return sifted;
}

/** The ids of tool calls only tie a result to its call, so the model is given our own: theirs may say anything. */
function renumbered(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const ours = new Map<string, string>();
  const ourId = (id: string) => {
    const known = ours.get(id) ?? `call_${ours.size + 1}`;
    ours.set(id, known);
    return known;
  };
  return messages.map((message) => {
    if (message.role === 'tool') return { ...message, toolCallId: ourId(message.toolCallId) };
    if (message.role !== 'assistant' || message.toolCalls === undefined) return message;
    return { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, id: ourId(call.id) })) };
  });
}

async function siftMessage(sieve: Sieve, message: ChatMessage): Promise<ChatMessage> {
  if (message.role === 'tool') return { ...message, content: await sieve.json(message.content) };
  if (message.role === 'assistant') return siftAssistant(sieve, message);
  return siftName(sieve, { ...message, content: await sieve.text(message.content) });
}

async function siftAssistant(
  sieve: Sieve,
  message: Extract<ChatMessage, { readonly role: 'assistant' }>,
): Promise<ChatMessage> {
  const { content, refusal, toolCalls } = message;
  for (const call of toolCalls ?? []) await requirePlainName(sieve, call.name, 'messages');
  return siftName(sieve, {
    ...message,
    content: content === null ? null : await sieve.text(content),
    ...(refusal === null || refusal === undefined ? {} : { refusal: await sieve.text(refusal) }),
    ...(toolCalls === undefined
      ? {}
      : {
          toolCalls: await each(toolCalls, async (call) => ({
            ...call,
            arguments: await sieve.json(call.arguments),
          })),
        }),
  });
}

/** A participant may stay without a name. */
async function siftName<M extends { readonly name?: string }>(sieve: Sieve, message: M): Promise<M> {
  if (message.name === undefined || (await sieve.isPlainName(message.name))) return message;
  const { name: _, ...nameless } = message;
  return nameless as M;
}

/** A name that the caller must know again cannot be replaced, so it is refused. */
async function requirePlainName(sieve: Sieve, name: string, param: string): Promise<void> {
  if (await sieve.isPlainName(name)) return;
  throw new Problem('undeclared_phi', { param, reasons: Object.keys(sieve.counts).toSorted() });
}

async function siftTool(sieve: Sieve, tool: ChatTool): Promise<ChatTool> {
  const { name, description, parameters } = tool;
  await requirePlainName(sieve, name, 'tools');
  return {
    ...tool,
    ...(description === undefined ? {} : { description: await sieve.text(description) }),
    ...(parameters === undefined ? {} : { parameters: await siftSchema(sieve, parameters) }),
  };
}

async function siftFormat(sieve: Sieve, format: ResponseFormat): Promise<ResponseFormat> {
  if (format.type !== 'json_schema') return format;
  const { name, description, schema } = format;
  await requirePlainName(sieve, name, 'response_format');
  return {
    ...format,
    schema: await siftSchema(sieve, schema),
    ...(description === undefined ? {} : { description: await sieve.text(description) }),
  };
}
