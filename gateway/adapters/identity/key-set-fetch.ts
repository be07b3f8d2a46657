import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { Jwk } from '../../core/tenants/jwk.ts';
import { isPublicAddress } from './public-address.ts';

/** Where key sets may be read from, and how names are resolved. */
export interface Reach {
  readonly allowsUrl: (url: URL) => boolean;
  /** Asked for a literal address before connecting, and for every address of a name at each connection. */
  readonly allowsAddress: (address: string) => boolean;
  readonly lookup: typeof systemLookup;
}

const PUBLIC: Reach = { allowsUrl: isPlainHttps, allowsAddress: isPublicAddress, lookup: systemLookup };

/** Reads the key set at an address. Throws when it is not within reach, late, too large, or no key set. */
export type KeySetFetch = (uri: string) => Promise<readonly Jwk[]>;

const FETCH_MS = 3_000;
const BYTES_MAX = 65_536;
const KEYS_MAX = 20;

export function createKeySetFetch(reach: Partial<Reach> = {}): KeySetFetch & AsyncDisposable {
  const { allowsUrl, allowsAddress, lookup } = { ...PUBLIC, ...reach };
  const agent = new Agent({
    connect: { timeout: FETCH_MS, lookup: guarded(lookup, allowsAddress) },
    connections: 1,
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: 16_384,
  });
  const fetch = async (uri: string) => {
    const url = new URL(uri);
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    // A literal address is never looked up, so the guard at the connection does not see it.
    if (!allowsUrl(url) || (isIP(host) !== 0 && !allowsAddress(host))) throw new Error('out of reach');
    return readKeySet(agent, url);
  };
  return Object.assign(fetch, { [Symbol.asyncDispose]: () => agent.destroy() });
}

function isPlainHttps({ protocol, port, username, password }: URL): boolean {
  return protocol === 'https:' && port === '' && username === '' && password === '';
}

/** Gives the addresses of a name when all of them are allowed: one that is not would be tried next. */
function guarded(lookup: typeof systemLookup, allows: Reach['allowsAddress']): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (fault, found) => {
      const [first] = found ?? [];
      if (fault !== null || first === undefined) return callback(fault ?? new Error('no address'), []);
      if (!found.every(({ address }) => allows(address))) return callback(new Error('out of reach'), []);
      return options.all ? callback(null, found) : callback(null, first.address, first.family);
    });
  };
}

const keySet = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(KEYS_MAX) });

/** Redirects are not followed: undici follows none unless told to. */
async function readKeySet(dispatcher: Agent, url: URL): Promise<readonly Jwk[]> {
  const signal = AbortSignal.timeout(FETCH_MS);
  const headers = { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' };
  const answer = await request(url, { dispatcher, signal, headers });
  answer.body.on('error', () => {}); // A body that is left unread tells so, and by then nobody else listens.
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    requireJson(answer);
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      if (bytes > BYTES_MAX) throw new Error('too large');
      chunks.push(chunk);
    }
  } finally {
    answer.body.destroy();
  }
  return keySet.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))))
    .keys;
}

const JSON_TYPE = /^application\/(jwk-set\+)?json\s*(;|$)/i;

function requireJson({
  statusCode,
  headers,
}: {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}): void {
  const { 'content-type': type, 'content-encoding': encoding } = headers;
  const isPlain = encoding === undefined || encoding === 'identity';
  if (statusCode !== 200 || !isPlain || !JSON_TYPE.test(String(type))) throw new Error('no key set');
}
