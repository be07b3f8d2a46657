import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { DATA_CLASSES, PURPOSES } from '../domain/vocabulary.ts';
import { model, modelList } from './models.ts';
import { chatCompletion, chatCompletionChunk, chatCompletionRequest } from './openai-chat.ts';
import { embeddingsAnswer, embeddingsRequest } from './openai-embeddings.ts';
import { responseEvent, responseObject } from './openai-response-events.ts';
import { responsesRequest } from './openai-responses.ts';
import {
  ASK_STATUSES,
  actProblems,
  answerHeaders,
  modelProblems,
  plainHeaders,
  READ_STATUSES,
  WRITE_STATUSES,
} from './openapi-answers.ts';
import { tokenPaths } from './openapi-tokens.ts';
import { health, readiness } from './operations.ts';
import { errorEnvelope } from './problem.ts';

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
const fails = modelProblems(ASK_STATUSES);
const failsToRead = modelProblems(READ_STATUSES);

const contextHeaders = z.object({
  'x-stewardgate-purpose': z.enum(PURPOSES).optional(),
  'x-stewardgate-data-class': z.enum(DATA_CLASSES).optional(),
  'x-stewardgate-user': z.string().max(128).optional(),
  'x-stewardgate-patient-ref': z.string().max(128).optional(),
  'x-stewardgate-labels': z.string().max(256).optional(),
  'x-stewardgate-consent': z.string().max(256).optional(),
  'x-request-id': z.string().max(36).optional(),
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .describe('The same for each retry of a request: it is asked and charged once.'),
  'x-ms-client-request-id': z
    .string()
    .max(1_024)
    .optional()
    .describe('Counts as an idempotency key when it is a UUID and no other key is sent.'),
});

/** What the document says of one administrative act. */
export interface ActDescription {
  readonly method: 'get' | 'post' | 'put';
  readonly path: string;
  readonly summary: string;
  readonly permission: string;
  readonly reach: 'owner' | 'named tenant' | 'own';
  readonly event: string;
  readonly status: 200 | 201;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

interface About {
  readonly publicUrl: () => string;
  readonly version: string;
}

/** The gateway's own description, OpenAPI 3.1, made from the schemas that check its requests. */
export function openApiDocument(about: About, acts: readonly ActDescription[]) {
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Stewardgate',
      version: about.version,
      description:
        'Governed access to one clinical reasoning model. Stock OpenAI clients work with a changed base URL.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: about.publicUrl() }],
    security: [{ bearer: [] }, { dpop: [] }, { apiKey: [] }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An access token or an API key.' },
        dpop: {
          type: 'http',
          scheme: 'DPoP',
          description:
            'An access token that is bound to a key, with a proof in the header `DPoP` (RFC 9449).',
        },
        apiKey: { type: 'apiKey', in: 'header', name: 'api-key' },
      },
    },
    paths: {
      ...modelPaths('/v1'),
      ...modelPaths('/openai/v1'),
      ...modelPaths('/openai'),
      ...deploymentPaths(),
      ...tokenPaths(),
      ...actPaths(acts),
      ...operationsPaths(),
    },
  });
}

const tags = ['Model plane'];

const askChat: ZodOpenApiOperationObject = {
  tags,
  summary: 'Ask the model',
  requestParams: { header: contextHeaders },
  requestBody: { required: true, content: json(chatCompletionRequest) },
  responses: {
    200: {
      description: 'The answer: one object, or with `stream: true` server-sent events that end in `[DONE]`.',
      content: {
        ...json(chatCompletion),
        'text/event-stream': { schema: z.union([chatCompletionChunk, errorEnvelope]) },
      },
      headers: answerHeaders,
    },
    ...fails,
  },
};

const askResponses: ZodOpenApiOperationObject = {
  tags,
  summary: 'Ask the model over the Responses API, stateless',
  requestParams: { header: contextHeaders },
  requestBody: { required: true, content: json(responsesRequest) },
  responses: {
    200: {
      description:
        'The response: one object, or with `stream: true` named server-sent events, numbered from 0. The last one is `response.completed`, `response.incomplete` or `response.failed`.',
      content: { ...json(responseObject), 'text/event-stream': { schema: responseEvent } },
      headers: answerHeaders,
    },
    ...fails,
  },
};

const embed: ZodOpenApiOperationObject = {
  tags,
  summary: 'Get vectors of texts',
  requestParams: { header: contextHeaders },
  requestBody: { required: true, content: json(embeddingsRequest) },
  responses: {
    200: {
      description: 'One vector for each input.',
      content: json(embeddingsAnswer),
      headers: answerHeaders,
    },
    ...fails,
  },
};

/** Azure's older routes: the path names the deployment and wins over the body. */
function deploymentPaths(): ZodOpenApiPathsObject {
  const requestParams = {
    header: contextHeaders,
    path: z.object({ deployment: z.string().max(128) }),
    query: z.object({ 'api-version': z.string().max(32) }),
  };
  const base = '/openai/deployments/{deployment}';
  const summary = 'Ask the model that the path names';
  const vectors = 'Get vectors of texts from the model that the path names';
  return {
    [`${base}/chat/completions`]: { post: { ...askChat, summary, requestParams } },
    [`${base}/responses`]: { post: { ...askResponses, summary, requestParams } },
    [`${base}/embeddings`]: { post: { ...embed, summary: vectors, requestParams } },
  };
}

function modelPaths(base: string): ZodOpenApiPathsObject {
  return {
    [`${base}/chat/completions`]: { post: askChat },
    [`${base}/responses`]: { post: askResponses },
    [`${base}/embeddings`]: { post: embed },
    [`${base}/models`]: {
      get: {
        tags,
        summary: 'List the model versions this tenant may use',
        responses: {
          200: { description: 'Versions.', content: json(modelList), headers: plainHeaders },
          ...failsToRead,
        },
      },
    },
    [`${base}/models/{id}`]: {
      get: {
        tags,
        summary: 'Read one model version',
        requestParams: { path: z.object({ id: z.string() }) },
        responses: {
          200: { description: 'The version.', content: json(model), headers: plainHeaders },
          ...failsToRead,
        },
      },
    },
  };
}

function actPaths(acts: readonly ActDescription[]): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const act of acts) {
    const path = act.path.replaceAll(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [act.method]: actOperation(act) };
  }
  return paths;
}

const REACH = {
  owner: "For the owner's people alone.",
  'named tenant': "A tenant's own people may name their tenant alone.",
  own: "A tenant's own people find what is their tenant's alone.",
} as const;

function actOperation(act: ActDescription): ZodOpenApiOperationObject {
  const shape = act.input instanceof z.ZodObject ? act.input.shape : {};
  const inPath = [...act.path.matchAll(/:([a-z_]+)/g)].map((match) => String(match[1]));
  const parts = Object.entries(shape);
  const path = z.object(Object.fromEntries(parts.filter(([name]) => inPath.includes(name))));
  const rest = z.strictObject(Object.fromEntries(parts.filter(([name]) => !inPath.includes(name))));
  const hasRest = parts.length > inPath.length;
  const asQuery = hasRest && act.method === 'get' ? { query: rest } : {};
  return {
    tags: [act.path.startsWith('/audit') ? 'Audit plane' : 'Admin plane'],
    summary: act.summary,
    description: `Needs the permission \`${act.permission}\`; recorded as \`${act.event}\`. ${REACH[act.reach]}`,
    requestParams: { ...(inPath.length > 0 ? { path } : {}), ...asQuery },
    ...(hasRest && act.method !== 'get' ? { requestBody: { required: true, content: json(rest) } } : {}),
    responses: {
      [act.status]: { description: 'Done.', content: json(act.output), headers: plainHeaders },
      ...actProblems(act.method === 'get' ? READ_STATUSES : WRITE_STATUSES),
    },
  };
}

function operationsPaths(): ZodOpenApiPathsObject {
  const words = { 'text/plain': { schema: z.string() } };
  return {
    '/healthz': asked('The process is alive', { 200: { description: 'Alive.', content: json(health) } }),
    '/readyz': asked('Every part that a request needs works', {
      200: { description: 'Ready.', content: json(readiness) },
      503: { description: 'Not ready; `parts` says what is missing.', content: json(readiness) },
    }),
    '/metrics': asked('Prometheus exposition; loopback or the operations port only', {
      200: { description: 'The exposition.', content: words },
      404: { description: 'Asked from elsewhere.', content: json(errorEnvelope) },
      503: { description: 'Telemetry is off.', content: words },
    }),
  };
}

function asked(summary: string, responses: ZodOpenApiOperationObject['responses']) {
  return { get: { tags: ['Operations'], summary, security: [], responses } };
}
