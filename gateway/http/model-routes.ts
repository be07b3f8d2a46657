import { type Request, type Response, Router } from 'express';
import type { LimitStanding } from '../core/limits/limiter.ts';
import { browse } from '../pipeline/browse.ts';
import { journey } from '../pipeline/journey.ts';
import type { ModelRequest } from '../pipeline/model-request.ts';
import { type CallerSignals, callerSignals } from './caller-signals.ts';
import type { Doors } from './doors.ts';
import { doorstepOf } from './doorstep.ts';
import { type Exchange, exchange, refuseOthers, setDecisionHeaders } from './exchange.ts';
import { wholeCompletion } from './present-chat.ts';
import { readJsonBody } from './read-body.ts';
import { sendJson } from './send-json.ts';
import { streamAnswer } from './stream-answer.ts';

/** The model plane: OpenAI's wire under `/v1`, and the same under Azure's `/openai/v1`. */
export function modelRoutes(doors: Doors): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const onlyGet = refuseOthers(doors, 'model', new Set(['get']));
  const onlyPost = refuseOthers(doors, 'model', new Set(['post']));
  for (const base of ['/v1', '/openai/v1']) {
    router
      .route(`${base}/chat/completions`)
      .post(exchange(doors, 'model', answerChat))
      .all(onlyPost);
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

async function answerChat({ doors, request, response, entry, report }: Exchange): Promise<void> {
  const signals = callerSignals(request, response);
  const answer = await journey(doors.house, entry, modelRequest(request, signals));
  setDecisionHeaders(response, entry);
  response.setHeader('x-stewardgate-model-version', answer.versionId);
  setLimitHeaders(response, answer.standing);
  if (answer.streamed) return streamAnswer(response, { entry, answer, gone: signals.gone, report });
  const completion = await wholeCompletion(entry, answer);
  response.setHeader('x-stewardgate-redactions', String(answer.redactions()));
  sendJson(response, completion);
}

async function listModels({ doors, request, response, entry }: Exchange): Promise<void> {
  const data = await browse(doors.house, entry, doorstepOf(request));
  sendJson(response, { object: 'list', data });
}

async function showModel({ doors, request, response, entry }: Exchange): Promise<void> {
  const [model] = await browse(doors.house, entry, doorstepOf(request), String(request.params.id ?? ''));
  sendJson(response, model);
}

function modelRequest(request: Request, signals: CallerSignals): ModelRequest {
  const readBody = () => readJsonBody(request);
  return { ...doorstepOf(request), ...signals, context: contextOf(request), readBody };
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
