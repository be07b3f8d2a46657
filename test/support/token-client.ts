import { importJWK, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import type { World } from '../world.ts';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A tenant's software with its own key, as the demo has it. */
export interface TokenClient {
  readonly clientId: string;
  readonly privateJwk: JWK & { readonly kid: string; readonly alg: string };
}

export function tokenClient({ demo }: World, tenant: string): TokenClient {
  const found = demo.tenants[tenant];
  if (found === undefined) throw new Error(`the demo has no tenant ${tenant}`);
  return { clientId: found.clientId, privateJwk: found.privateJwk as TokenClient['privateJwk'] };
}

export interface Changes {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: JWK;
}

let made = 0;
/** A name that no other assertion of this process has. */
export const freshJti = () => `jti-${process.pid}-${Date.now()}-${(made += 1)}`;

export const nowS = () => Math.floor(Date.now() / 1_000);

/** An assertion that keeps every rule, but for the changes; a member that is undefined is left out. */
export async function assertionOf(
  client: TokenClient,
  origin: string,
  changes: Changes = {},
): Promise<string> {
  const { clientId, privateJwk } = client;
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: origin,
    jti: freshJti(),
    iat: nowS(),
    exp: nowS() + 120,
    ...changes.claims,
  };
  const header = { alg: privateJwk.alg, kid: privateJwk.kid, typ: 'JWT', ...changes.header };
  const key = await importJWK(changes.key ?? privateJwk, header.alg);
  return new SignJWT(JSON.parse(JSON.stringify(claims)))
    .setProtectedHeader(JSON.parse(JSON.stringify(header)) as JWTHeaderParameters)
    .sign(key);
}

export interface TokenReply {
  readonly status: number;
  readonly headers: Headers;
  readonly id: string;
  readonly text: string;
  readonly body: {
    readonly access_token: string;
    readonly token_type: string;
    readonly expires_in: number;
    readonly scope: string;
    readonly error: string;
    readonly error_description: string;
  };
}

type Fields = Readonly<Record<string, string | undefined>>;

/** Asks for a token with that assertion; a field that is undefined is left out. */
export async function askToken(
  url: string,
  assertion: string | undefined,
  { fields = {}, headers = {} }: { readonly fields?: Fields; readonly headers?: Record<string, string> } = {},
): Promise<TokenReply> {
  const form = Object.entries({
    grant_type: 'client_credentials',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: assertion,
    scope: 'model:invoke',
    ...fields,
  }).filter((field): field is [string, string] => field[1] !== undefined);
  return sendForm(url, new URLSearchParams(form).toString(), headers);
}

export async function sendForm(
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<TokenReply> {
  const response = await fetch(`${url}/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    id: response.headers.get('x-request-id') ?? '',
    text,
    get body() {
      return JSON.parse(text) as TokenReply['body'];
    },
  };
}
