import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { decodeJwt, type JWK } from 'jose';
import type { Adapter, AdapterPayload, Configuration, Provider } from 'oidc-provider';
import { z } from 'zod';
import type { AssertionAlgorithm } from '../../core/tokens/client-assertion.ts';
import { TOKEN_LIFETIME_S } from '../../core/tokens/key-schedule.ts';
import { Problem } from '../../domain/problem.ts';
import type { PROOF_ALGS } from '../../domain/vocabulary.ts';
import type { IssuedToken, TokenIssuer, TokenWish } from '../../pipeline/issuing-desk.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface TokenIssuerParts {
  readonly keys: Pick<SigningKeys, 'signer'>;
  readonly origin: () => string;
  readonly paths: { readonly token: string; readonly jwks: string };
  readonly scope: string;
  readonly assertionAlgorithms: readonly AssertionAlgorithm[];
  readonly proofAlgorithms: typeof PROOF_ALGS;
}

/**
 * Issues by `oidc-provider`, which sees no request of a caller: it is asked with one that is written here, from parts
 * that were judged before, under the gateway's own origin. It holds one key, so each key that signs has a provider.
 */
export function createTokenIssuer(parts: TokenIssuerParts): TokenIssuer {
  let made: { readonly name: string; readonly answer: Counter } | undefined;
  return {
    async issue(wish) {
      const { Provider } = await import('oidc-provider');
      const signer = parts.keys.signer();
      const name = `${signer.kid} ${parts.origin()}`;
      if (made?.name !== name) made = { name, answer: openCounter(Provider, parts, signer) };
      return issuedBy(await made.answer(wish));
    },
  };
}

interface Outcome {
  readonly status: number;
  readonly body: unknown;
  readonly fault?: unknown;
}

type Counter = (wish: TokenWish) => Promise<Outcome>;

function openCounter(Library: typeof Provider, parts: TokenIssuerParts, signer: JWK): Counter {
  const wishes = new WeakMap<IncomingMessage, TokenWish>();
  const outcomes = new WeakMap<IncomingMessage, Outcome>();
  const faults = new WeakMap<IncomingMessage, unknown>();
  const asked = (ctx: { readonly req: IncomingMessage } | undefined) => ctx && wishes.get(ctx.req);
  const provider = new Library(
    parts.origin(),
    configurationOf(parts, signer, {
      clientAsked: () => asked(Library.ctx),
      extensionAsked: (ctx) => asked(ctx)?.extension,
    }),
  );
  provider.proxy = true; // believes the scheme that is written below, and nobody else is heard
  provider.on('server_error', (ctx, fault) => faults.set(ctx.req, fault));
  provider.use(async (ctx, next) => {
    await next();
    outcomes.set(ctx.req, { status: ctx.status, body: ctx.body, fault: faults.get(ctx.req) });
    ctx.respond = false;
  });
  const serve = provider.callback();
  return async (wish) => {
    const request = requestFor(wish, parts);
    wishes.set(request, wish);
    await serve(request, new ServerResponse(request));
    return outcomes.get(request) ?? { status: 500, body: undefined };
  };
}

interface Asked {
  readonly clientAsked: () => TokenWish | undefined;
  readonly extensionAsked: (ctx: { readonly req: IncomingMessage }) => TokenWish['extension'];
}

function configurationOf(parts: TokenIssuerParts, signer: JWK, asked: Asked): Configuration {
  const { origin, paths, scope } = parts;
  const client = {
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'private_key_jwt',
    id_token_signed_response_alg: 'ES256',
  } as const;
  return {
    adapter: () => storage(asked.clientAsked),
    jwks: { keys: [signer] },
    routes: paths,
    scopes: [scope],
    responseTypes: [],
    clientAuthMethods: ['private_key_jwt'],
    clientDefaults: { ...client, grant_types: [...client.grant_types], response_types: [] },
    enabledJWA: {
      clientAuthSigningAlgValues: [...parts.assertionAlgorithms],
      dPoPSigningAlgValues: [...parts.proofAlgorithms],
      idTokenSigningAlgValues: ['ES256'],
    },
    // The clock is judged before, and more strictly; this only keeps a second judgement from refusing.
    clockTolerance: 15,
    ttl: { ClientCredentials: TOKEN_LIFETIME_S },
    extraTokenClaims: (ctx) => {
      const extension = asked.extensionAsked(ctx);
      return extension === undefined ? undefined : { extensions: { 'hl7-b2b': extension } };
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      // Names are spent in storage afterwards, in one statement: the library looks and then writes, which two replicas can do at once.
      dPoP: { enabled: true, allowReplay: true },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: origin,
        getResourceServerInfo: () => ({
          scope,
          audience: origin(),
          accessTokenFormat: 'jwt',
          accessTokenTTL: TOKEN_LIFETIME_S,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}

/** The library finds the client that was asked for, with the one key that was chosen, and keeps nothing. */
function storage(clientAsked: Asked['clientAsked']): Adapter {
  const nothing = () => Promise.resolve(undefined);
  return {
    find: async (id) => clientOf(clientAsked(), id),
    findByUid: nothing,
    findByUserCode: nothing,
    upsert: nothing,
    consume: nothing,
    destroy: nothing,
    revokeByGrantId: nothing,
  };
}

function clientOf(wish: TokenWish | undefined, id: string): AdapterPayload | undefined {
  if (wish === undefined || wish.client !== id) return undefined;
  const { kty, kid, crv, x, y, n, e } = wish.key;
  const key = JSON.parse(JSON.stringify({ kty, kid, crv, x, y, n, e }));
  return { client_id: id, redirect_uris: [], jwks: { keys: [key] } };
}

function requestFor(
  { assertion, client, scope, proof }: TokenWish,
  { origin, paths }: TokenIssuerParts,
): IncomingMessage {
  const { host, protocol } = new URL(origin());
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    scope,
  }).toString();
  const request = new IncomingMessage(new Socket());
  request.method = 'POST';
  request.url = paths.token;
  request.headers = {
    host,
    'x-forwarded-proto': protocol.slice(0, -1),
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(form.length),
    ...(proof === undefined ? {} : { dpop: proof }),
  };
  request.push(form);
  request.push(null);
  return request;
}

const given = z.object({
  access_token: z.string().max(16_384),
  token_type: z.enum(['Bearer', 'DPoP']),
  expires_in: z.int().min(1).max(TOKEN_LIFETIME_S),
});
const refused = z.object({ error: z.string() });

function issuedBy({ status, body, fault }: Outcome): IssuedToken {
  if (status === 200) {
    const { access_token: token, token_type: type, expires_in: lifetimeS } = given.parse(body);
    return { token, id: decodeJwt(token).jti ?? '', type, lifetimeS };
  }
  if (status >= 500) throw new Error('the token could not be issued', { cause: fault });
  const error = refused.safeParse(body).data?.error ?? '';
  if (error === 'invalid_dpop_proof' || error === 'use_dpop_nonce')
    throw new Problem('invalid_parameter', { param: 'dpop', reasons: ['proof_invalid'] });
  throw new Problem('invalid_client');
}
