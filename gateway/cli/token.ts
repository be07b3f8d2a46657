import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { signAssertion, signProof } from '../adapters/identity/client-signatures.ts';
import { ConfigError, readConfig } from '../config.ts';
import { oauthError, TOKEN_SCOPE, tokenAnswer } from '../contract/oauth.ts';
import { DEMO_FILE } from '../demo.ts';
import { ownUrl } from '../own-url.ts';
import { TOKEN_PATH } from '../pipeline/issuing-desk.ts';
import { print } from './print.ts';
import { Refusal, type RemoteOptions, speaksTo } from './remote.ts';

interface TokenOptions extends RemoteOptions {
  readonly key?: string;
  readonly client?: string;
  readonly dpopKey?: string;
}

/** `stewardgate token`: what a partner's software does to get an access token, for a person to try. */
export function tokenVerb(): Command {
  return speaksTo(
    new Command('token').description('get an access token with a client’s own key, and print it'),
  )
    .argument('[tenant]', 'a tenant of the demo, whose key is in demo.json')
    .option('--key <file>', 'the client’s private key, one JWK')
    .option('--client <id>', 'the client, cli_…')
    .option('--dpop-key <file>', 'bind the token to this private key, one JWK')
    .action(async (tenant: string | undefined, options: TokenOptions) => {
      print(await askForToken(signerFor(tenant, options), options.dpopKey));
    });
}

const privateJwk = z.looseObject({
  kty: z.enum(['EC', 'RSA', 'OKP']),
  d: z.string().max(4_096),
  kid: z.string().max(256).exactOptional(),
});
type PrivateJwk = z.output<typeof privateJwk>;
const demoFile = z.looseObject({
  baseUrl: z.url(),
  tenants: z.record(z.string(), z.looseObject({ clientId: z.string(), privateJwk })),
});

interface Signer {
  readonly clientId: string;
  readonly privateJwk: PrivateJwk;
  /** The gateway's public origin: an assertion is good for that one alone. */
  readonly origin: string;
}

function signerFor(tenant: string | undefined, { key, client, url }: TokenOptions): Signer {
  const config = readConfig();
  if (tenant === undefined) {
    if (key === undefined || client === undefined)
      throw new ConfigError('name a tenant of the demo, or both --key and --client');
    const own = url ?? config.publicUrl ?? ownUrl(config);
    return { clientId: client, privateJwk: readKey(key), origin: new URL(own).origin };
  }
  if (key !== undefined || client !== undefined)
    throw new ConfigError('--key and --client are not for a tenant of the demo');
  const demo = readDemo(join(config.dataDir, DEMO_FILE));
  const found = Object.hasOwn(demo.tenants, tenant) ? demo.tenants[tenant] : undefined;
  if (found === undefined) throw new Refusal(`the demo has no tenant ${tenant}`);
  return { ...found, origin: new URL(url ?? demo.baseUrl).origin };
}

function readDemo(file: string): z.output<typeof demoFile> {
  try {
    return demoFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new ConfigError('start the demo first, or name a key with --key and --client');
  }
}

/** What is wrong with it is not repeated: the parser's words quote the key. */
function readKey(file: string): PrivateJwk {
  try {
    return privateJwk.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new ConfigError(`${file} cannot be read as one private JWK`);
  }
}

async function askForToken({ clientId, privateJwk, origin }: Signer, dpopFile?: string): Promise<string> {
  const url = origin + TOKEN_PATH;
  const once = () => ({ jti: randomUUID(), nowS: Math.floor(Date.now() / 1_000) });
  const assertion = await signed(() => signAssertion({ privateJwk, clientId, audience: origin, ...once() }));
  const dpopKey = dpopFile === undefined ? undefined : readKey(dpopFile);
  const proof =
    dpopKey === undefined
      ? undefined
      : await signed(() => signProof({ privateJwk: dpopKey, url, ...once() }));
  const response = await fetch(url, {
    method: 'POST',
    headers: proof === undefined ? {} : { dpop: proof },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope: TOKEN_SCOPE,
    }),
    redirect: 'error',
    signal: AbortSignal.timeout(WAIT_MS),
  }).catch((cause: unknown) => {
    throw new Refusal(`no gateway answers on ${origin}`, { cause });
  });
  return tokenIn(await response.json().catch(() => null), response.status);
}

const WAIT_MS = 30_000;

async function signed(sign: () => Promise<string>): Promise<string> {
  try {
    return await sign();
  } catch {
    throw new ConfigError('the key cannot sign: it is not a private EC, RSA or Ed25519 key');
  }
}

function tokenIn(answer: unknown, status: number): string {
  const given = tokenAnswer.safeParse(answer);
  if (given.success) return given.data.access_token;
  const { data } = oauthError.safeParse(answer);
  throw new Refusal(
    data === undefined
      ? `HTTP ${status}`
      : `${data.error}: ${data.error_description}\n  request: ${data.request_id}`,
  );
}
