import { type Request, type Response, Router } from 'express';
import type { LimitStanding } from '../core/limits/limiter.ts';
import { browse } from '../pipeline/browse.ts';
import { chatDialect } from '../pipeline/chat-dialect.ts';
import type { Dialect } from '../pipeline/dialect.ts';
import { journey } from '../pipeline/journey.ts';
import type { ModelRequest } from '../pipeline/model-request.ts';
import type { Answer } from '../pipeline/settle.ts';
import { copyUnder, sendRepeat } from './answer-copy.ts';
import { requireApiVersion } from './api-version.ts';
import { type CallerSignals, callerSignals } from './caller-signals.ts';
import type { Doors } from './doors.ts';
import { doorstepOf } from './doorstep.ts';
import { type Exchange, exchange, refuseOthers, setDecisionHeaders } from './exchange.ts';
import { chatPresenter } from './present-chat.ts';
import type { Presenter } from './presenter.ts';
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
      .post(exchange(doors, 'model', (one) => answerModel(one, wire)))
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

/** Every route on which the model is asked, with its wire. */
function askingRoutes({ legacyModelsRoute }: Doors['settings']) {
  const bases = [...BASES, DEPLOYMENT, ...(legacyModelsRoute ? ['/models'] : [])];
  return bases.map((base) => ({ path: `${base}/chat/completions`, wire: CHAT }));
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
  setDecisionHeaders(response, entry);
  response.setHeader('x-stewardgate-model-version', answer.versionId);
  setLimitHeaders(response, answer.standing);
  if (answer.streamed) {
    const writer = presenter.stream(entry, answer);
    return streamAnswer(response, { answer, writer, gone, report, copy });
  }
  const whole = await presenter.whole(entry, answer);
  response.setHeader('x-stewardgate-redactions', String(answer.redactions()));
  setJsonType(response);
  const text = JSON.stringify(whole);
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

function modelRequest(request: Request, signals: CallerSignals, dialect: Dialect): ModelRequest {
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

function setLimitHeaders(response: Response, standing: LimitStanding): void {
  response.setHeader('x-ratelimit-limit-requests', String(standing.limitRequests));
  response.setHeader('x-ratelimit-remaining-requests', String(standing.remainingRequests));
  response.setHeader('x-ratelimit-reset-requests', `${standing.resetRequestsMs}ms`);
  response.setHeader('x-ratelimit-limit-tokens', String(standing.limitTokens));
  response.setHeader('x-ratelimit-remaining-tokens', String(standing.remainingTokens));
  response.setHeader('x-ratelimit-reset-tokens', `${standing.resetTokensMs}ms`);
}
