import { type Request, Router } from 'express';
import { Problem } from '../domain/problem.ts';
import { browse } from '../pipeline/browse.ts';
import { chatDialect } from '../pipeline/chat-dialect.ts';
import type { Dialect } from '../pipeline/dialect.ts';
import { journey } from '../pipeline/journey.ts';
import type { ModelRequest } from '../pipeline/model-request.ts';
import { responsesDialect } from '../pipeline/responses-dialect.ts';
import { requireApiVersion } from './api-version.ts';
import { type CallerSignals, callerSignals } from './caller-signals.ts';
import type { Doors } from './doors.ts';
import { doorstepOf } from './doorstep.ts';
import { type Exchange, exchange, refuseOthers, setDecisionHeaders } from './exchange.ts';
import { setLimitHeaders } from './limit-headers.ts';
import { chatPresenter } from './present-chat.ts';
import { responsesPresenter } from './present-responses.ts';
import { inWordsOf, type Presenter } from './presenter.ts';
import { readJsonBody } from './read-body.ts';
import { sendJson } from './send-json.ts';
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
function askingRoutes({ legacyModelsRoute }: Doors['settings']) {
  const bases = [...BASES, DEPLOYMENT, ...(legacyModelsRoute ? ['/models'] : [])];
  return [
    ...bases.map((base) => ({ path: `${base}/chat/completions`, wire: CHAT })),
    ...BASES.map((base) => ({ path: `${base}/responses`, wire: RESPONSES })),
  ];
}

async function answerInWords(one: Exchange, wire: Wire): Promise<void> {
  try {
    await answerModel(one, wire);
  } catch (thrown) {
    throw thrown instanceof Problem ? inWordsOf(wire.presenter, thrown) : thrown;
  }
}

async function answerModel(one: Exchange, { dialect, presenter }: Wire): Promise<void> {
  const { doors, request, response, entry, report } = one;
  const signals = callerSignals(request, response, doors.traffic);
  const answer = await journey(doors.house, entry, modelRequest(request, signals, dialect));
  setDecisionHeaders(response, entry);
  response.setHeader('x-stewardgate-model-version', answer.versionId);
  setLimitHeaders(response, answer.standing);
  if (answer.streamed) {
    const writer = presenter.stream(entry, answer);
    return streamAnswer(response, { answer, writer, gone: signals.gone, report });
  }
  const whole = await presenter.whole(entry, answer);
  response.setHeader('x-stewardgate-redactions', String(answer.redactions()));
  sendJson(response, whole);
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
  return { ...doorstepOf(request), ...signals, context: contextOf(request), readBody, dialect, named };
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
