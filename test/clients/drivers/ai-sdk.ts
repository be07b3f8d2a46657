import { createAzure } from '@ai-sdk/azure';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  type EmbeddingModel,
  embed,
  generateText,
  jsonSchema,
  type LanguageModel,
  Output,
  streamText,
  type ToolSet,
  tool,
} from 'ai';
import {
  DOSE_TOOL,
  type Driver,
  type Ear,
  type Place,
  type Question,
  type Session,
  TRIAGE_SCHEMA,
} from '../driver.ts';

export const aiSdkOpenAi: Driver = {
  name: '@ai-sdk/openai',
  family: 'ai-sdk',
  packageName: '@ai-sdk/openai',
  pointing: '`baseURL: <gateway>/v1`; `.chat(model)`, `.responses(model)`',
  open: (place) => {
    const provider = createOpenAI({ apiKey: place.key, baseURL: `${place.url}/v1`, headers: place.headers });
    return sessionOf(place, {
      chat: (model) => provider.chat(model),
      responses: (model) => provider.responses(model),
      embedding: (model) => provider.embedding(model),
    });
  },
};

export const aiSdkAzure: Driver = {
  name: '@ai-sdk/azure',
  family: 'ai-sdk',
  packageName: '@ai-sdk/azure',
  pointing: '`baseURL: <gateway>/openai/v1`; `.chat(model)`, `.responses(model)`',
  open: (place) => {
    const provider = createAzure({
      apiKey: place.key,
      baseURL: `${place.url}/openai/v1`,
      headers: place.headers,
    });
    return sessionOf(place, {
      chat: (model) => provider.chat(model),
      responses: (model) => provider.responses(model),
      embedding: (model) => provider.embedding(model),
    });
  },
};

export const aiSdkCompatible: Driver = {
  name: '@ai-sdk/openai-compatible',
  family: 'ai-sdk',
  packageName: '@ai-sdk/openai-compatible',
  pointing: '`baseURL: <gateway>/v1`, `includeUsage: true`, `supportsStructuredOutputs: true`',
  open: (place) => {
    const provider = createOpenAICompatible({
      name: 'stewardgate',
      apiKey: place.key,
      baseURL: `${place.url}/v1`,
      headers: place.headers,
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
    return sessionOf(place, {
      chat: (model) => provider.chatModel(model),
      embedding: (model) => provider.embeddingModel(model),
    });
  },
};

type DoseWish = { readonly drug: string; readonly weightKg: number };

interface Models {
  readonly chat: (model: string) => LanguageModel;
  readonly responses?: (model: string) => LanguageModel;
  readonly embedding: (model: string) => EmbeddingModel;
}

function sessionOf({ retriesMax }: Place, { chat, responses, embedding }: Models): Session {
  const more = { maxRetries: retriesMax };
  const about = ({ content, model }: Question) => ({ model: chat(model), prompt: content, ...more });
  const asking = async (call: Parameters<typeof generateText>[0], ear: Ear) => {
    const result = await generateText(call);
    ear.text(result.text);
    hearEnding(result, ear);
    return result;
  };
  return {
    ask: async (question, ear) => void (await asking(about(question), ear)),
    stream: (question, ear) => listen(about(question), ear),
    helperStream: async (question, ear) => {
      const result = streamText({ ...about(question), onError: () => {} });
      ear.text(await result.text);
      hearEnding({ finishReason: await result.finishReason, usage: await result.usage }, ear);
    },
    tools: async (question, ear) => {
      const { description, name, parameters } = DOSE_TOOL;
      const offered = tool({ description, inputSchema: jsonSchema<DoseWish>(parameters), strict: true });
      // The package's own types do not agree with each other under exactOptionalPropertyTypes.
      const tools = { [name]: offered } as unknown as ToolSet;
      const result = await asking({ ...about(question), tools }, ear);
      for (const call of result.toolCalls) ear.tool(call.toolName, call.input);
    },
    jsonSchema: async (question, ear) => {
      const output = Output.object({ schema: jsonSchema(TRIAGE_SCHEMA), name: 'triage' });
      const result = await generateText({ ...about(question), output });
      ear.text(result.text);
      hearEnding(result, ear);
      ear.value(result.output);
    },
    ...(responses === undefined
      ? {}
      : {
          responses: async ({ content, model }, ear) =>
            void (await asking({ model: responses(model), prompt: content, ...more }, ear)),
          responsesStream: ({ content, model }, ear) =>
            listen({ model: responses(model), prompt: content, ...more }, ear),
        }),
    embeddings: async ({ content, model }, ear) => {
      const result = await embed({ model: embedding(model), value: content, ...more });
      ear.vector(result.embedding);
      ear.usage(result.usage.tokens, 0);
    },
  };
}

/** The parts as they come; a failure is one of them, and thrown here as a program would have to. */
async function listen(call: Parameters<typeof streamText>[0], ear: Ear): Promise<void> {
  const result = streamText({ ...call, onError: () => {} });
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') ear.text(part.text);
    if (part.type === 'error') throw part.error;
    if (part.type === 'finish') hearEnding({ finishReason: part.finishReason, usage: part.totalUsage }, ear);
  }
}

interface Ending {
  readonly finishReason: string;
  readonly usage: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined };
}

function hearEnding({ finishReason, usage }: Ending, ear: Ear): void {
  ear.finish(finishReason.replaceAll('-', '_'));
  ear.usage(usage.inputTokens, usage.outputTokens);
}
