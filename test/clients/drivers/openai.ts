import OpenAI, { AzureOpenAI } from 'openai';
import {
  DOSE_TOOL,
  type Driver,
  type Ear,
  type Place,
  type Question,
  type Session,
  TRIAGE_SCHEMA,
} from '../driver.ts';

/** The class for OpenAI's own service, with a changed base URL. */
export const openAi: Driver = {
  name: 'openai: OpenAI',
  family: 'openai',
  packageName: 'openai',
  pointing: '`baseURL: <gateway>/v1`',
  open: ({ url, key, headers, retriesMax }) =>
    sessionOf(
      new OpenAI({ apiKey: key, baseURL: `${url}/v1`, defaultHeaders: headers, maxRetries: retriesMax }),
    ),
};

/** The class for Azure's service, which names the deployment in the path and the version in the query. */
export const azureOpenAi: Driver = {
  name: 'openai: AzureOpenAI',
  family: 'openai',
  packageName: 'openai',
  pointing: "`endpoint: <gateway>`, `apiVersion: '2024-10-21'`",
  open: ({ url, key, headers, retriesMax }: Place) =>
    sessionOf(
      new AzureOpenAI({
        apiKey: key,
        endpoint: url,
        apiVersion: '2024-10-21',
        defaultHeaders: headers,
        maxRetries: retriesMax,
      }),
    ),
};

const bodyOf = ({ content, model }: Question) => ({
  model,
  messages: [{ role: 'user' as const, content }],
});

function sessionOf(client: OpenAI): Session {
  return {
    ask: async (question, ear) => hearCompletion(await client.chat.completions.create(bodyOf(question)), ear),
    stream: async (question, ear) => {
      const options = { stream: true, stream_options: { include_usage: true } } as const;
      for await (const chunk of await client.chat.completions.create({ ...bodyOf(question), ...options }))
        hearChunk(chunk, ear);
    },
    helperStream: async (question, ear) => {
      const stream = client.chat.completions.stream({
        ...bodyOf(question),
        stream_options: { include_usage: true },
      });
      stream.on('content', (piece) => ear.text(piece));
      hearEnding(await stream.finalChatCompletion(), ear);
    },
    tools: async (question, ear) => {
      const tools = [{ type: 'function' as const, function: DOSE_TOOL }];
      const completion = await client.chat.completions.create({ ...bodyOf(question), tools });
      hearCompletion(completion, ear);
      for (const call of completion.choices[0]?.message.tool_calls ?? [])
        if (call.type === 'function') ear.tool(call.function.name, JSON.parse(call.function.arguments));
    },
    jsonSchema: async (question, ear) => {
      const json_schema = { name: 'triage', schema: TRIAGE_SCHEMA, strict: true };
      const completion = await client.chat.completions.parse({
        ...bodyOf(question),
        response_format: { type: 'json_schema', json_schema },
      });
      hearCompletion(completion, ear);
      ear.value(JSON.parse(completion.choices[0]?.message.content ?? ''));
    },
    responses: async ({ content, model }, ear) =>
      hearResponse(await client.responses.create({ model, input: content }), ear),
    responsesStream: async ({ content, model }, ear) => {
      const stream = client.responses.stream({ model, input: content });
      stream.on('response.output_text.delta', ({ delta }) => ear.text(delta));
      const response = await stream.finalResponse();
      ear.finish(finishOf(response));
      ear.usage(response.usage?.input_tokens, response.usage?.output_tokens);
    },
    embeddings: async ({ content, model }, ear) => {
      const { data, usage } = await client.embeddings.create({ model, input: content });
      ear.vector(data[0]?.embedding ?? []);
      ear.usage(usage.prompt_tokens, 0);
    },
    models: async (_, ear) => {
      const ids: string[] = [];
      for await (const { id } of client.models.list()) ids.push(id);
      ear.names(ids);
    },
  };
}

function hearCompletion(completion: OpenAI.ChatCompletion, ear: Ear): void {
  ear.text(completion.choices[0]?.message.content ?? '');
  ear.refusal(completion.choices[0]?.message.refusal ?? '');
  hearEnding(completion, ear);
}

function hearEnding({ choices, usage }: OpenAI.ChatCompletion, ear: Ear): void {
  ear.finish(choices[0]?.finish_reason ?? '');
  ear.usage(usage?.prompt_tokens, usage?.completion_tokens);
}

function hearChunk({ choices, usage }: OpenAI.ChatCompletionChunk, ear: Ear): void {
  ear.text(choices[0]?.delta.content ?? '');
  ear.refusal(choices[0]?.delta.refusal ?? '');
  if (choices[0]?.finish_reason) ear.finish(choices[0].finish_reason);
  if (usage) ear.usage(usage.prompt_tokens, usage.completion_tokens);
}

function hearResponse(response: OpenAI.Responses.Response, ear: Ear): void {
  ear.text(response.output_text);
  ear.finish(finishOf(response));
  ear.usage(response.usage?.input_tokens, response.usage?.output_tokens);
}

/** The Responses API says `completed`, or why the answer is not. */
function finishOf({ status, incomplete_details: why }: OpenAI.Responses.Response): string {
  return status === 'completed' ? 'stop' : (why?.reason ?? status ?? '');
}
