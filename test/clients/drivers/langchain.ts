import type { AIMessageChunk } from '@langchain/core/messages';
import { AzureChatOpenAI, AzureOpenAIEmbeddings, ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { DOSE_TOOL, type Driver, type Ear, type Session, TRIAGE_SCHEMA } from '../driver.ts';

export const langChain: Driver = {
  name: '@langchain/openai: ChatOpenAI',
  family: 'langchain',
  packageName: '@langchain/openai',
  pointing: '`configuration: { baseURL: <gateway>/v1 }`',
  open: (place) => {
    const about = (model: string) => ({
      model,
      apiKey: place.key,
      maxRetries: place.retriesMax,
      configuration: { baseURL: `${place.url}/v1`, defaultHeaders: place.headers },
    });
    return sessionOf({
      chat: (model) => new ChatOpenAI(about(model)),
      responses: (model) => new ChatOpenAI({ ...about(model), useResponsesApi: true }),
      embedding: (model) => new OpenAIEmbeddings(about(model)),
    });
  },
};

export const langChainAzure: Driver = {
  name: '@langchain/openai: AzureChatOpenAI',
  family: 'langchain',
  packageName: '@langchain/openai',
  pointing: "`azureOpenAIEndpoint: <gateway>`, `azureOpenAIApiVersion: '2024-10-21'`",
  open: (place) => {
    const about = (model: string) => ({
      model,
      azureOpenAIApiKey: place.key,
      azureOpenAIEndpoint: place.url,
      azureOpenAIApiDeploymentName: model,
      azureOpenAIApiVersion: '2024-10-21',
      maxRetries: place.retriesMax,
      configuration: { defaultHeaders: place.headers },
    });
    return sessionOf({
      chat: (model) => new AzureChatOpenAI(about(model)),
      responses: (model) => new AzureChatOpenAI({ ...about(model), useResponsesApi: true }),
      embedding: (model) =>
        new AzureOpenAIEmbeddings({
          ...about(model),
          azureOpenAIBasePath: `${place.url}/openai/deployments`,
          azureOpenAIApiEmbeddingsDeploymentName: model,
        }),
    });
  },
};

interface Models {
  readonly chat: (model: string) => ChatOpenAI;
  readonly responses: (model: string) => ChatOpenAI;
  readonly embedding: (model: string) => OpenAIEmbeddings;
}

function sessionOf({ chat, responses, embedding }: Models): Session {
  return {
    ask: async ({ content, model }, ear) => hear(await chat(model).invoke(content), ear),
    stream: ({ content, model }, ear) => listen(chat(model), content, ear),
    helperStream: async ({ content, model }, ear) => {
      const events = chat(model).streamEvents(content, { version: 'v2' });
      for await (const { event, data } of events) {
        if (event === 'on_chat_model_stream') ear.text((data.chunk as AIMessageChunk).text);
        if (event === 'on_chat_model_end') hearEnding(data.output as AIMessageChunk, ear);
      }
    },
    tools: async ({ content, model }, ear) => {
      const tools = [{ type: 'function' as const, function: DOSE_TOOL }];
      const message = await chat(model).bindTools(tools).invoke(content);
      hear(message, ear);
      for (const call of message.tool_calls ?? []) ear.tool(call.name, call.args);
    },
    jsonSchema: async ({ content, model }, ear) => {
      const options = { name: 'triage', method: 'jsonSchema', includeRaw: true } as const;
      const { raw, parsed } = await chat(model).withStructuredOutput(TRIAGE_SCHEMA, options).invoke(content);
      hear(raw as AIMessageChunk, ear);
      ear.value(parsed);
    },
    responses: async ({ content, model }, ear) => hear(await responses(model).invoke(content), ear),
    responsesStream: ({ content, model }, ear) => listen(responses(model), content, ear),
    embeddings: async ({ content, model }, ear) => ear.vector(await embedding(model).embedQuery(content)),
  };
}

async function listen(model: ChatOpenAI, content: string, ear: Ear): Promise<void> {
  let whole: AIMessageChunk | undefined;
  for await (const chunk of await model.stream(content)) {
    ear.text(chunk.text);
    whole = whole === undefined ? chunk : whole.concat(chunk);
  }
  if (whole !== undefined) hearEnding(whole, ear);
}

interface Message {
  readonly text: string;
  readonly response_metadata: object;
  readonly usage_metadata?: { readonly input_tokens: number; readonly output_tokens: number } | undefined;
}

function hear(message: Message, ear: Ear): void {
  ear.text(message.text);
  hearEnding(message, ear);
}

/** Chat completions give a finish reason, the Responses API a status. */
function hearEnding({ response_metadata: metadata, usage_metadata: usage }: Message, ear: Ear): void {
  const {
    finish_reason: reason,
    status,
    incomplete_details: why,
  } = metadata as Readonly<Record<string, unknown>>;
  const ofResponse =
    status === 'completed' ? 'stop' : ((why as { reason?: string } | undefined)?.reason ?? status);
  ear.finish(String(reason ?? ofResponse ?? ''));
  ear.usage(usage?.input_tokens, usage?.output_tokens);
}
