import { type Response, Router } from 'express';
import { TOKEN_SCOPE, type tokenAnswer } from '../contract/oauth.ts';
import {
  describeAuthorizationServer,
  describeResource,
  describeSmart,
  type TokenService,
} from '../contract/oauth-metadata.ts';
import type { Output } from '../contract/parse.ts';
import { PROOF_ALGS } from '../domain/vocabulary.ts';
import { issueToken } from '../pipeline/issue-token.ts';
import { type IssuingDesk, KEYS_PATH, TOKEN_PATH } from '../pipeline/issuing-desk.ts';
import type { Doors } from './doors.ts';
import { type Exchange, exchange, refuseOthers } from './exchange.ts';
import { readForm } from './read-form.ts';
import { sendJson } from './send-json.ts';

/** Where partners get access tokens, and the documents that say so; the documents are not in the ledger. */
export function tokenRoutes(doors: Doors): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router
    .route(TOKEN_PATH)
    .post(exchange(doors, 'oauth', answerToken))
    .all(refuseOthers(doors, 'oauth', new Set(['post'])));
  const { issuing } = doors;
  const keys = () => issuing.publicKeys();
  router.get(KEYS_PATH, document(keys));
  router.get('/.well-known/jwks.json', document(keys));
  router.get(
    '/.well-known/oauth-authorization-server',
    document(() => describeAuthorizationServer(serviceOf(issuing))),
  );
  router.get(
    '/.well-known/smart-configuration',
    document(() => describeSmart(serviceOf(issuing))),
  );
  router.get(
    '/.well-known/oauth-protected-resource',
    document(() => describeResource(serviceOf(issuing))),
  );
  return router;
}

/** A key is published for longer than this before it signs, so nobody needs to ask more often. */
const document = (make: () => unknown) => (_: unknown, response: Response) => {
  response.setHeader('cache-control', 'public, max-age=300');
  sendJson(response, make());
};

function serviceOf({ origin, algorithms }: IssuingDesk): TokenService {
  const own = origin();
  return {
    origin: own,
    tokenUrl: own + TOKEN_PATH,
    keysUrl: own + KEYS_PATH,
    assertionAlgorithms: algorithms,
    proofAlgorithms: PROOF_ALGS,
  };
}

async function answerToken({ doors, request, response, entry }: Exchange): Promise<void> {
  const { authorization, dpop } = request.headers;
  const issued = await issueToken(
    { house: doors.house, desk: doors.issuing, entry },
    {
      readForm: () => readForm(request),
      authorization,
      proof: dpop?.toString(),
      address: request.ip ?? '',
    },
  );
  const answer: Output<typeof tokenAnswer> = {
    access_token: issued.token,
    token_type: issued.type,
    expires_in: issued.lifetimeS,
    scope: TOKEN_SCOPE,
  };
  response.setHeader('pragma', 'no-cache');
  sendJson(response, answer);
}
