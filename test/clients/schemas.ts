import { Ajv, type ErrorObject } from 'ajv';

// The answers of OpenAI's API as its public description has them: openai/openai-openapi, version 2.3.0, and for the
// Responses API the types that `openai` 7.57.0 was generated with. There every object may have more fields; here none may,
// save for what the gateway says it adds, so that nothing else of a host's passes unseen.

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const name: Schema = { type: 'string', minLength: 1 };
const count: Schema = { type: 'integer', minimum: 0 };
const nothing: Schema = { type: 'null' };
const always = (...values: readonly unknown[]): Schema => ({ enum: values });
const list = (items: Schema): Schema => ({ type: 'array', items });
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, nothing] });
const oneOf = (...schemas: readonly Schema[]): Schema => ({ oneOf: schemas });

function closed(
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

/** What the gateway adds to an answer. */
const decided = { decision_id: name, policy_set: name, model_version: name };
const stewardgate = closed({ ...decided, redactions: count });

const usage = closed(
  { prompt_tokens: count, completion_tokens: count, total_tokens: count },
  {
    prompt_tokens_details: closed({}, { cached_tokens: count, audio_tokens: count }),
    completion_tokens_details: closed(
      {},
      {
        reasoning_tokens: count,
        audio_tokens: count,
        accepted_prediction_tokens: count,
        rejected_prediction_tokens: count,
      },
    ),
  },
);

const finishReason = always('stop', 'length', 'tool_calls', 'content_filter', 'function_call');
const call = closed({ name, arguments: text });
const toolCall = closed({ id: name, type: always('function'), function: call });
const head = (object: string) => ({ id: name, object: always(object), created: count, model: name });

const completion = closed(
  {
    ...head('chat.completion'),
    choices: list(
      closed({
        index: count,
        message: closed(
          { role: always('assistant'), content: orNull(text), refusal: orNull(text) },
          { tool_calls: list(toolCall) },
        ),
        logprobs: nothing,
        finish_reason: finishReason,
      }),
    ),
  },
  { usage, system_fingerprint: text, service_tier: orNull(text), stewardgate },
);

const deltaCall = closed(
  { index: count },
  { id: name, type: always('function'), function: closed({}, { name, arguments: text }) },
);

const chunk = closed(
  {
    ...head('chat.completion.chunk'),
    choices: list(
      closed(
        {
          index: count,
          delta: closed(
            {},
            {
              role: always('assistant'),
              content: orNull(text),
              refusal: orNull(text),
              tool_calls: list(deltaCall),
            },
          ),
          finish_reason: orNull(finishReason),
        },
        { logprobs: nothing },
      ),
    ),
  },
  { usage: orNull(usage), system_fingerprint: text, service_tier: orNull(text), stewardgate },
);

const inner = closed({
  code: name,
  request_id: name,
  decision_id: orNull(name),
  policy_set: orNull(name),
  reasons: list(name),
});
const errorObject = closed(
  { message: name, type: name, param: orNull(text), code: orNull(name) },
  { inner_error: inner },
);
const error = closed({ error: errorObject });

const model = closed(
  { id: name, object: always('model'), created: count, owned_by: name },
  {
    stewardgate: closed({ model: name, stage: name, max_output_tokens: count, capabilities: list(name) }),
  },
);
const models = closed({ object: always('list'), data: list(model) });

const embeddings = closed(
  {
    object: always('list'),
    model: name,
    data: list(
      closed({
        object: always('embedding'),
        index: count,
        // The description has numbers; a client that asks for base64 gets one string.
        embedding: oneOf(list({ type: 'number' }), name),
      }),
    ),
    usage: closed({ prompt_tokens: count, total_tokens: count }),
  },
  { stewardgate: closed({ ...decided, input_redactions: count }) },
);

const status = always('in_progress', 'completed', 'incomplete');
const part = oneOf(
  closed(
    { type: always('output_text'), text, annotations: list({}) },
    { logprobs: { type: 'array', maxItems: 0 } },
  ),
  closed({ type: always('refusal'), refusal: text }),
);
const item = oneOf(
  closed({ id: name, type: always('message'), role: always('assistant'), status, content: list(part) }),
  closed({ type: always('function_call'), call_id: name, name, arguments: text }, { id: name, status }),
);

const response = closed(
  {
    id: name,
    object: always('response'),
    created_at: count,
    error: orNull(closed({ code: name, message: name })),
    incomplete_details: orNull(closed({ reason: always('max_output_tokens', 'content_filter') })),
    instructions: orNull(oneOf(text, list({}))),
    metadata: orNull({ type: 'object', additionalProperties: text }),
    model: name,
    output: list(item),
    parallel_tool_calls: { type: 'boolean' },
    temperature: orNull({ type: 'number' }),
    tool_choice: oneOf(text, { type: 'object' }),
    tools: list({ type: 'object' }),
    top_p: orNull({ type: 'number' }),
  },
  {
    background: orNull({ type: 'boolean' }),
    completed_at: orNull(count),
    conversation: nothing,
    max_output_tokens: orNull(count),
    max_tool_calls: orNull(count),
    previous_response_id: nothing,
    prompt: nothing,
    prompt_cache_key: orNull(text),
    reasoning: orNull(closed({}, { effort: orNull(text), summary: orNull(text) })),
    safety_identifier: orNull(text),
    service_tier: orNull(text),
    status: always('completed', 'failed', 'in_progress', 'cancelled', 'queued', 'incomplete'),
    store: orNull({ type: 'boolean' }),
    text: { type: 'object' },
    top_logprobs: orNull(count),
    truncation: orNull(always('auto', 'disabled')),
    usage: orNull(
      closed({
        input_tokens: count,
        input_tokens_details: closed({ cached_tokens: count }, { cache_write_tokens: count }),
        output_tokens: count,
        output_tokens_details: closed({ reasoning_tokens: count }),
        total_tokens: count,
      }),
    ),
    user: orNull(text),
    stewardgate,
  },
);

const event = (type: string, required: Readonly<Record<string, Schema>>, optional = {}): Schema =>
  closed({ type: always(type), sequence_number: count, ...required }, optional);
const ofItem = { item_id: name, output_index: count };
const ofPart = { ...ofItem, content_index: count };
const noLogprobs = { logprobs: { type: 'array', maxItems: 0 } };

const responseEvent = oneOf(
  ...['created', 'in_progress', 'completed', 'incomplete', 'failed'].map((word) =>
    event(`response.${word}`, { response }),
  ),
  ...['added', 'done'].flatMap((word) => [
    event(`response.output_item.${word}`, { output_index: count, item }),
    event(`response.content_part.${word}`, { ...ofPart, part }),
  ]),
  event('response.output_text.delta', { ...ofPart, delta: text, ...noLogprobs }),
  event('response.output_text.done', { ...ofPart, text, ...noLogprobs }),
  event('response.refusal.delta', { ...ofPart, delta: text }),
  event('response.refusal.done', { ...ofPart, refusal: text }),
  event('response.function_call_arguments.delta', { ...ofItem, delta: text }),
  event('response.function_call_arguments.done', { ...ofItem, arguments: text }),
  // The description has the fields beside the type; the service sends them in `error`, and only so do clients raise it.
  event('error', { error: errorObject }),
);

const SCHEMAS = { completion, chunk, error, model, models, embeddings, response, responseEvent };
const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
const CHECKS = Object.fromEntries(
  Object.entries(SCHEMAS).map(([kind, schema]) => [kind, ajv.compile(schema)]),
);

/** Where the value is not what the description says, as `path: fault`; none when it is. */
export function faultsOf(kind: keyof typeof SCHEMAS, value: unknown): readonly string[] {
  const check = CHECKS[kind];
  if (check === undefined) throw new Error(`there is no schema ${kind}`);
  return check(value) ? [] : (check.errors ?? []).map(describe);
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const extra = 'additionalProperty' in params ? ` (${params.additionalProperty})` : '';
  return `${instancePath || '/'}: ${message}${extra}`;
}
