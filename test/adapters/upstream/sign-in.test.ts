import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAzureUpstream } from '../../../gateway/adapters/upstream/azure.ts';
import { createEntraAuthorizer, type TokenSource } from '../../../gateway/adapters/upstream/entra.ts';
import { createOpenAiUpstream } from '../../../gateway/adapters/upstream/openai.ts';
import { call, eventsOf, isProblem } from './calls.ts';
import { answer, json, scriptedHost } from './scripted-host.ts';

const signal = new AbortController().signal;

test('an OpenAI-compatible host gets the key as a bearer token', async () => {
  await using host = await scriptedHost(json(200, answer('x')));
  await using upstream = createOpenAiUpstream({ baseUrl: `${host.baseUrl}/`, apiKey: 'sk-one' });
  await eventsOf(await upstream.ask(call({ stream: false }), signal));
  const { path, headers } = host.seen[0]!;
  assert.equal(path, '/openai/v1/chat/completions');
  assert.equal(headers.authorization, 'Bearer sk-one');
  assert.equal(headers['x-client-request-id'], call().requestId);
});

test('Azure gets the key as api-key and nothing as a bearer token', async () => {
  await using host = await scriptedHost(json(200, answer('x')));
  await using upstream = createAzureUpstream({ baseUrl: host.baseUrl, apiKey: 'az-one' });
  await eventsOf(await upstream.ask(call({ stream: false }), signal));
  const { headers } = host.seen[0]!;
  assert.equal(headers['api-key'], 'az-one');
  assert.equal(headers.authorization, undefined);
  assert.equal(headers['x-ms-client-request-id'], call().requestId);
});

/** A credential that counts, and whose tokens live for ten minutes of the clock. */
function counting(clock: { ms: number }): { source: TokenSource; scopes: string[] } {
  const scopes: string[] = [];
  const source: TokenSource = {
    getToken: async (scope) => {
      scopes.push(scope);
      return { token: `t${scopes.length}`, expiresOnTimestamp: clock.ms + 600_000 };
    },
  };
  return { source, scopes };
}

test('an Entra token is fetched once for all callers and renewed five minutes before it expires', async () => {
  const clock = { ms: 1_000_000 };
  const { source, scopes } = counting(clock);
  const authorize = createEntraAuthorizer({
    scope: 's',
    openSource: async () => source,
    now: () => clock.ms,
  });
  const headers = await Promise.all([authorize(), authorize(), authorize()]);
  assert.deepEqual(new Set(headers.map((header) => header.value)), new Set(['Bearer t1']));
  clock.ms += 299_999;
  assert.equal((await authorize()).value, 'Bearer t1');
  clock.ms += 1;
  assert.deepEqual(await authorize(), { name: 'authorization', value: 'Bearer t2' });
  assert.deepEqual(scopes, ['s', 's']);
});

test('a sign-in that fails is upstream_auth_error, and the next caller tries again', async () => {
  let isDown = true;
  const source: TokenSource = {
    getToken: async () => {
      if (isDown) throw new Error('no identity');
      return { token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
    },
  };
  const authorize = createEntraAuthorizer({ scope: 's', openSource: async () => source });
  await assert.rejects(authorize(), isProblem('upstream_auth_error'));
  isDown = false;
  assert.equal((await authorize()).value, 'Bearer t');
});

test('no token is upstream_auth_error', async () => {
  const authorize = createEntraAuthorizer({
    scope: 's',
    openSource: async () => ({ getToken: async () => null }),
  });
  await assert.rejects(authorize(), isProblem('upstream_auth_error'));
});
