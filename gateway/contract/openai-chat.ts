import { z } from 'zod';
import { imageDetail, imageUrl } from './image-url.ts';

// The allow-list of what a caller may send to chat completions. What is not named here is refused, never forwarded.

const CONTENT_CHARS_MAX = 2_000_000;
export const identifier = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
export const content = z.string().max(CONTENT_CHARS_MAX);
const textPart = z.strictObject({ type: z.literal('text'), text: content });
const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: imageUrl, detail: imageDetail.optional() }),
});
const userContent = z.union([
  content,
  z
    .array(z.discriminatedUnion('type', [textPart, imagePart]))
    .min(1)
    .max(256),
]);
const textContent = z.union([content, z.array(textPart).min(1).max(256)]);
const SCHEMA_CHARS_MAX = 262_144;
export const jsonSchema = z
  .record(z.string().max(256), z.unknown())
  .refine((schema) => JSON.stringify(schema).length <= SCHEMA_CHARS_MAX);

const toolCall = z.strictObject({
  id: z.string().min(1).max(128),
  type: z.literal('function'),
  function: z.strictObject({ name: identifier, arguments: content }),
});

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: textContent, name: identifier.optional() }),
  z.strictObject({ role: z.literal('developer'), content: textContent, name: identifier.optional() }),
  z.strictObject({ role: z.literal('user'), content: userContent, name: identifier.optional() }),
  z.strictObject({
    role: z.literal('assistant'),
    content: textContent.nullish(),
    refusal: content.nullish(),
    name: identifier.optional(),
    tool_calls: z.array(toolCall).min(1).max(128).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), content: textContent, tool_call_id: z.string().min(1).max(128) }),
]);

const tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: identifier,
    description: z.string().max(4_096).optional(),
    parameters: jsonSchema.optional(),
    strict: z.boolean().nullish(),
  }),
});

const responseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: identifier,
      description: z.string().max(4_096).optional(),
      schema: jsonSchema,
      strict: z.boolean().nullish(),
    }),
  }),
]);

export const tokens = z.int().min(1).max(1_000_000);
const penalty = z.number().min(-2).max(2);

/** `POST /v1/chat/completions` as OpenAI's API description spells it, less what the gateway does not allow. */
export const chatCompletionRequest = z
  .strictObject({
    model: z.string().min(1).max(128),
    messages: z.array(message).min(1).max(1_024),
    stream: z.boolean().nullish(),
    stream_options: z
      .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
      .nullish(),
    max_tokens: tokens.nullish(),
    max_completion_tokens: tokens.nullish(),
    n: z.int().min(1).max(8).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    frequency_penalty: penalty.nullish(),
    presence_penalty: penalty.nullish(),
    seed: z.int().nullish(),
    stop: z.union([z.string().min(1).max(256), z.array(z.string().min(1).max(256)).min(1).max(4)]).nullish(),
    tools: z.array(tool).min(1).max(128).optional(),
    tool_choice: z
      .union([
        z.enum(['none', 'auto', 'required']),
        z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: identifier }) }),
      ])
      .optional(),
    parallel_tool_calls: z.boolean().optional(),
    response_format: responseFormat.optional(),
    reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high']).nullish(),
    verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    logprobs: z.literal(false).nullish(),
    modalities: z.tuple([z.literal('text')]).nullish(),
    // Accepted because stock clients send them; none of them reaches the model as sent.
    store: z.boolean().nullish(),
    user: z.string().max(256).nullish(),
    safety_identifier: z.string().max(64).nullish(),
    metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
    prompt_cache_key: z.string().max(64).nullish(),
    service_tier: z.enum(['auto', 'default']).nullish(),
  })
  .meta({
    id: 'ChatCompletionRequest',
    description: 'An OpenAI chat completion request; unknown fields are refused.',
  });

export type ChatCompletionRequest = z.output<typeof chatCompletionRequest>;

const usage = z
  .object({
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    total_tokens: z.int(),
    prompt_tokens_details: z.object({ cached_tokens: z.int() }),
    completion_tokens_details: z.object({ reasoning_tokens: z.int() }),
  })
  .meta({ id: 'CompletionUsage' });

export type CompletionUsage = z.output<typeof usage>;

const answerToolCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const finishReason = z.enum(['stop', 'length', 'tool_calls', 'content_filter']);

/** What the gateway adds to an answer, under a field that OpenAI clients ignore. */
export const stewardgate = z
  .object({
    decision_id: z.string(),
    policy_set: z.string(),
    model_version: z.string(),
    redactions: z.int().describe('How many identifiers were replaced in the answer.'),
  })
  .meta({ id: 'StewardgateMetadata' });

export type StewardgateMetadata = z.output<typeof stewardgate>;

export const chatCompletion = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    system_fingerprint: z.string().optional(),
    choices: z.array(
      z.object({
        index: z.int(),
        message: z.object({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          refusal: z.string().nullable(),
          tool_calls: z.array(answerToolCall).optional(),
        }),
        logprobs: z.null(),
        finish_reason: finishReason,
      }),
    ),
    usage,
    stewardgate,
  })
  .meta({ id: 'ChatCompletion' });

export type ChatCompletion = z.output<typeof chatCompletion>;

export const chatCompletionChunk = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion.chunk'),
    created: z.int(),
    model: z.string(),
    system_fingerprint: z.string().optional(),
    choices: z.array(
      z.object({
        index: z.int(),
        delta: z.object({
          role: z.literal('assistant').optional(),
          content: z.string().optional(),
          refusal: z.string().optional(),
          tool_calls: z
            .array(
              z.object({
                index: z.int(),
                id: z.string().optional(),
                type: z.literal('function').optional(),
                function: z.object({ name: z.string().optional(), arguments: z.string().optional() }),
              }),
            )
            .optional(),
        }),
        logprobs: z.null(),
        finish_reason: finishReason.nullable(),
      }),
    ),
    usage: usage.nullable().optional(),
    stewardgate: stewardgate.optional(),
  })
  .meta({ id: 'ChatCompletionChunk' });

export type ChatCompletionChunk = z.output<typeof chatCompletionChunk>;
