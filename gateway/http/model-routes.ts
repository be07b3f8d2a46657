import { type Request, type Response, Router } from 'express';
import type { LimitStanding } from '../core/limits/limiter.ts';
import { Problem } from '../domain/problem.ts';
import { browse } from '../pipeline/browse.ts';
import { chatDialect } from '../pipeline/chat-dialect.ts';
import type { AnyWish, Dialect } from '../pipeline/dialect.ts';
import { embeddingsDialect } from '../pipeline/embeddings-dialect.ts';
import { embeddingsJourney } from '../pipeline/embeddings-journey.ts';
import { journey } from '../pipeline/journey.ts';
import type { ModelRequest } from '../pipeline/model-request.ts';
import { responsesDialect } from '../pipeline/responses-dialect.ts';
import type { Answer } from '../pipeline/settle.ts';
import { type AnswerCopy, copyUnder, sendRepeat } from './answer-copy.ts';
import { requireApiVersion } from './api-version.ts';
import { type CallerSignals, callerSignals } from './caller-signals.ts';
import type { Doors } from './doors.ts';
import { doorstepOf } from './doorstep.ts';
import { type Exchange, exchange, refuseOthers, setDecisionHeaders } from './exchange.ts';
import { setLimitHeaders } from './limit-headers.ts';
import { chatPresenter } from './present-chat.ts';
import { presentEmbeddings } from './present-embeddings.ts';
import { responsesPresenter } from './present-responses.ts';
import { inWordsOf, type Presenter } from './presenter.ts';
import { readJsonBody } from './read-body.ts';
import { sendJson, setJsonType } from './send-json.ts';
import { streamAnswer } from './stream-answer.ts';

/**
 * The model plane: OpenAI's wire under `/v1`, the same under Azure's `/openai/v1` and `/openai`, and Azure's older
 * routes that name the deployment in the path.
 */
export function modelRoutes(doors: Doors): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const onlyGet = refuseOthers(doors, 'model', new Set(['get']));
  const onlyPost = refuseOthers(doors, 'model', new Set(['post']));
  for (const { path, wire } of askingRoutes(doors.settings))
    router
      .route(path)
      .post(exchange(doors, 'model', (one) => answerInWords(one, wire)))
      .all(onlyPost);
  for (const base of askingBases(doors.settings))
    router
      .route(`${base}/embeddings`)
      .post(exchange(doors, 'model', answerEmbeddings))
      .all(onlyPost);
  for (const base of BASES) {
    router
      .route(`${base}/models`)
      .get(exchange(doors, 'model', listModels))
      .all(onlyGet);
    router
      .route(`${base}/models/:id`)
      .get(exchange(doors, 'model', showModel))
      .all(onlyGet);
  }
  return router;
}

const BASES = ['/v1', '/openai/v1', '/openai'] as const;
const DEPLOYMENT = '/openai/deployments/:deployment';

/** How one kind of request is read and its answer written. */
interface Wire {
  readonly dialect: Dialect;
  readonly presenter: Presenter;
}

const CHAT: Wire = { dialect: chatDialect, presenter: chatPresenter };
const RESPONSES: Wire = { dialect: responsesDialect, presenter: responsesPresenter };

/** Every route on which the model is asked, with its wire. */
function askingRoutes(settings: Doors['settings']) {
  return [
    ...askingBases(settings).map((base) => ({ path: `${base}/chat/completions`, wire: CHAT })),
    // Azure itself has no responses by deployment, but LangChain's Azure class asks there.
    ...[...BASES, DEPLOYMENT].map((base) => ({ path: `${base}/responses`, wire: RESPONSES })),
  ];
}

function askingBases({ legacyModelsRoute }: Doors['settings']): readonly string[] {
  return [...BASES, DEPLOYMENT, ...(legacyModelsRoute ? ['/models'] : [])];
}

async function answerInWords(one: Exchange, wire: Wire): Promise<void> {
  try {
    await answerModel(one, wire);
  } catch (thrown) {
    throw thrown instanceof Problem ? inWordsOf(wire.presenter, thrown) : thrown;
  }
}

async function answerModel(one: Exchange, { dialect, presenter }: Wire): Promise<void> {
  const { doors, request, response, entry } = one;
  const signals = callerSignals(request, response, doors.traffic);
  const answer = await journey(doors.house, entry, modelRequest(request, signals, dialect));
  if (answer.isRepeat) return sendRepeat(one, answer);
  try {
    await writeAnswer(one, { answer, presenter, gone: signals.gone });
  } finally {
    await answer.key?.release();
  }
}

interface Writing {
  readonly answer: Answer;
  readonly presenter: Presenter;
  readonly gone: AbortSignal;
}

async function writeAnswer(one: Exchange, { answer, presenter, gone }: Writing): Promise<void> {
  const { response, entry, report } = one;
  const copy = copyUnder(answer.key, one);
  setAnswerHeaders(one, answer);
  if (answer.streamed) {
    const writer = presenter.stream(entry, answer);
    return streamAnswer(response, { answer, writer, gone, report, copy });
  }
  const whole = await presenter.whole(entry, answer);
  response.setHeader('x-stewardgate-redactions', String(answer.redactions()));
  await sendKept(response, whole, copy);
}

async function answerEmbeddings(one: Exchange): Promise<void> {
  const { doors, request, response, entry } = one;
  const signals = callerSignals(request, response, doors.traffic);
  const asked = modelRequest(request, signals, embeddingsDialect);
  const answer = await embeddingsJourney(doors.house, entry, asked);
  if (answer.isRepeat) return sendRepeat(one, answer);
  try {
    setAnswerHeaders(one, answer);
    response.setHeader('x-stewardgate-redactions', '0'); // Of the answer, as in chat; there is no text in it.
    await sendKept(response, presentEmbeddings(entry, answer), copyUnder(answer.key, one));
  } finally {
    await answer.key?.release();
  }
}

/** Answers a value as JSON once its copy is kept. */
async function sendKept(response: Response, body: unknown, copy: AnswerCopy): Promise<void> {
  setJsonType(response);
  const text = JSON.stringify(body);
  copy.add(text);
  await copy.keep();
  response.end(text);
}

async function listModels({ doors, request, response, entry }: Exchange): Promise<void> {
  const data = await browse(doors.house, entry, doorstepOf(request));
  sendJson(response, { object: 'list', data });
}

async function showModel({ doors, request, response, entry }: Exchange): Promise<void> {
  const [model] = await browse(doors.house, entry, doorstepOf(request), String(request.params.id ?? ''));
  sendJson(response, model);
}

function modelRequest<W extends AnyWish>(
  request: Request,
  signals: CallerSignals,
  dialect: Dialect<W>,
): ModelRequest<W> {
  const readBody = () => {
    requireApiVersion(request);
    return readJsonBody(request);
  };
  const { deployment } = request.params;
  const named = deployment === undefined ? undefined : String(deployment);
  const about = { context: contextOf(request), keys: keysOf(request), route: String(request.route?.path) };
  return { ...doorstepOf(request), ...signals, ...about, readBody, dialect, named };
}

/** By what the caller may know this request again; a header that came twice is joined by Node and then not valid. */
function keysOf({ headers }: Request): ModelRequest['keys'] {
  return {
    idempotencyKey: headers['idempotency-key']?.toString(),
    clientRequestId: headers['x-ms-client-request-id']?.toString(),
  };
}

/** What the caller says of its request; a header that came twice is joined by Node and then not valid. */
function contextOf(request: Request): ModelRequest['context'] {
  const header = (name: string) => request.headers[`x-stewardgate-${name}`]?.toString();
  return {
    purpose: header('purpose'),
    dataClass: header('data-class'),
    user: header('user'),
    patientRef: header('patient-ref'),
    labels: header('labels'),
    consent: header('consent'),
  };
}

interface Answered {
  readonly versionId: string;
  readonly standing: LimitStanding;
}

function setAnswerHeaders({ response, entry }: Exchange, { versionId, standing }: Answered): void {
  setDecisionHeaders(response, entry);
  response.setHeader('x-stewardgate-model-version', versionId);
  setLimitHeaders(response, standing);
}
