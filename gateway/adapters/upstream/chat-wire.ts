import type { ChatImage, ChatMessage, ChatPrompt, ChatTool, ResponseFormat } from '../../core/models/chat.ts';
import type { ModelCall } from '../../core/models/upstream.ts';

/**
 * The body of `POST /chat/completions` for this call (OpenAI API, openai-openapi f85dbe2), serialised.
 * Written field by field: what is not named here never reaches the host. Nothing is stored there, usage is always
 * asked for, and the human and the cache's key are known to the host only by keyed hashes.
 */
export function writeChatBody(call: ModelCall): string {
  const { prompt, stream } = call;
  return JSON.stringify({
    model: call.deployment,
    messages: prompt.messages.map(message),
    max_completion_tokens: outputCap(prompt),
    store: false,
    stream,
    stream_options: stream ? { include_usage: true } : undefined,
    safety_identifier: call.safetyIdentifier,
    prompt_cache_key: call.promptCacheKey,
    n: prompt.choices > 1 ? prompt.choices : undefined,
    ...sampling(prompt),
    tools: prompt.tools?.map(tool),
    tool_choice: toolChoice(prompt),
    parallel_tool_calls: prompt.parallelToolCalls,
    response_format: prompt.responseFormat && responseFormat(prompt.responseFormat),
  });
}

/** JSON writes Infinity as null, which would lift the cap; such a prompt is a fault of ours. */
function outputCap(prompt: ChatPrompt): number {
  if (!Number.isSafeInteger(prompt.maxCompletionTokens) || prompt.maxCompletionTokens < 1) {
    throw new RangeError('a prompt must cap its answer');
  }
  return prompt.maxCompletionTokens;
}

function sampling(prompt: ChatPrompt): object {
  return {
    temperature: prompt.temperature,
    top_p: prompt.topP,
    frequency_penalty: prompt.frequencyPenalty,
    presence_penalty: prompt.presencePenalty,
    seed: prompt.seed,
    stop: prompt.stop,
    reasoning_effort: prompt.reasoningEffort,
    verbosity: prompt.verbosity,
  };
}

function message(from: ChatMessage): object {
  switch (from.role) {
    case 'assistant':
      return {
        role: from.role,
        content: from.content,
        refusal: from.refusal ?? undefined,
        name: from.name,
        tool_calls: from.toolCalls?.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: call.arguments },
        })),
      };
    case 'tool':
      return { role: from.role, content: from.content, tool_call_id: from.toolCallId };
    default:
      return { role: from.role, content: shown(from.content, from.images ?? []), name: from.name };
  }
}

function shown(text: string, images: readonly ChatImage[]): string | readonly object[] {
  if (images.length === 0) return text;
  const parts = images.map(({ mediaType, base64, detail }) => ({
    type: 'image_url',
    image_url: { url: `data:${mediaType};base64,${base64}`, detail },
  }));
  return text === '' ? parts : [{ type: 'text', text }, ...parts];
}

function tool(from: ChatTool): object {
  const { name, description, parameters, strict } = from;
  return { type: 'function', function: { name, description, parameters, strict: strict ?? undefined } };
}

function toolChoice({ toolChoice }: ChatPrompt): string | object | undefined {
  return typeof toolChoice === 'object'
    ? { type: 'function', function: { name: toolChoice.name } }
    : toolChoice;
}

function responseFormat(from: ResponseFormat): object {
  if (from.type !== 'json_schema') return { type: from.type };
  const { name, description, schema, strict } = from;
  return { type: from.type, json_schema: { name, description, schema, strict: strict ?? undefined } };
}
