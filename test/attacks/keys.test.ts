import assert from 'node:assert/strict';
import { randomOctets } from '../../gateway/adapters/system/system.ts';
import { mintApiKey } from '../../gateway/core/tenants/api-key.ts';
import { keyOf } from '../world.ts';
import { get, post, refused, row, underAttack, type Verdict, withPatientDesk } from './catalogue.ts';

const target = underAttack(() => ({}));

const WRONG: Verdict = { status: 401, code: 'invalid_api_key' };
const MISSING: Verdict = { status: 401, code: 'missing_credentials' };
const models = (key: string) => get(`${target.url}/v1/models`, { headers: { 'api-key': key } });

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** A key of the same id and secret for the other environment, its checksum right. */
function forLive(text: string): string {
  const [, , id = '', secret = ''] = text.split('_');
  const octets = [...(id + secret)].map((letter) => LETTERS.indexOf(letter));
  return mintApiKey('live', Uint8Array.from([...octets, ...new Array(73).fill(0)])).text;
}

row('K01', 'a key of the right form that was never issued is refused', async () => {
  await refused(target, await models(mintApiKey('test', randomOctets(128)).text), WRONG);
});

row('K06', 'a key is good for its own environment alone', async () => {
  const live = forLive(target.key);
  assert.equal(live.split('_')[3], target.key.split('_')[3]);
  await refused(target, await models(live), WRONG);
});

row('K08', 'a key that is unknown is worked on exactly as one that is known', async () => {
  const done: string[] = [];
  const url = await target.world.serveWith((doors) => {
    const { house } = withPatientDesk(doors);
    const keyring = {
      ...house.keyring,
      isSecret: (secret: string, hmac: Uint8Array) => {
        done.push(`compared ${secret.length} letters with ${hmac.length} octets`);
        return house.keyring.isSecret(secret, hmac);
      },
    };
    return { ...doors, house: { ...house, keyring } };
  });
  const [known = '', unknown = ''] = [target.key, mintApiKey('test', randomOctets(128)).text];
  for (const key of [known, unknown]) await get(`${url}/v1/models`, { headers: { 'api-key': key } });
  assert.deepEqual(done, [done[0], done[0]]);
});

const CARE = { 'x-stewardgate-purpose': 'TREAT', 'x-stewardgate-user': 'Practitioner/7' };
const TOO_MUCH: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    ['R', 'V', 'SUD', 'PSY', 'HIV', 'GDIS', 'N,ADOL'].map((labels) => [
      `the labels ${labels}`,
      { ...CARE, 'x-stewardgate-labels': labels },
    ]),
  ),
  'sensitive data': { ...CARE, 'x-stewardgate-data-class': 'sensitive' },
  'breaking the glass': { ...CARE, 'x-stewardgate-purpose': 'BTG' },
  'an emergency': { ...CARE, 'x-stewardgate-purpose': 'ETREAT', 'x-stewardgate-data-class': 'phi' },
};
const UNPROVEN: Verdict = { status: 403, code: 'assurance_required' };
for (const [what, headers] of Object.entries(TOO_MUCH)) {
  row(
    'K10',
    `a key is too little for ${what}, whatever policy says, and the model is not asked`,
    async () => {
      const asked = target.world.callsToModel().length;
      for (const tenant of ['northwind', 'mayo']) {
        const key = keyOf(target.world.demo, tenant);
        const refusal = await post({ world: target.world, url: target.url, key }, {}, headers);
        await refused(target, refusal, UNPROVEN);
        const [record] = await target.world.recordsOf(refusal.id);
        assert.deepEqual([record?.eventType, record?.decision], ['policy.denied', 'deny']);
        assert.equal(record?.reasonCode, 'credential_too_weak');
      }
      assert.equal(target.world.callsToModel().length, asked);
    },
  );
}

row('K10', 'a model that does not exist is not told from others by the strength of a key', async () => {
  const headers = { ...CARE, 'x-stewardgate-labels': 'R' };
  for (const model of ['mayo-cr-3', 'no-such-model'])
    await refused(target, await post(target, { model }, headers), { status: 404, code: 'model_not_found' });
});

row(
  'K12',
  'an address that guessed a hundred keys is told to wait, while a good key from there is let in',
  async () => {
    const ask = (key: string) => get(`${target.world.url}/v1/models`, { headers: { 'api-key': key } });
    const guesses = await Promise.all(
      Array.from({ length: 100 }, () => ask(mintApiKey('test', randomOctets(128)).text)),
    );
    assert.deepEqual([...new Set(guesses.map(({ status }) => status))], [401]);
    const answer = await ask(mintApiKey('test', randomOctets(128)).text);
    assert.equal(answer.status, 429);
    assert.match(answer.text, /"code":"rate_limit_exceeded"/);
    const waitMs = Number(answer.headers.get('retry-after-ms'));
    assert.ok(waitMs >= 1 && waitMs <= 30_000);
    assert.equal((await ask('nonsense')).status, 429);
    assert.equal((await ask(target.key)).status, 200);
  },
);

row(
  'K13',
  'a key that stands where none belongs is in no record, no answer and no line of the log',
  async () => {
    const { key, url, world } = target;
    const headers = {
      'api-key': key,
      'user-agent': key,
      referer: key,
      'x-request-id': key,
      cookie: `key=${key}`,
    };
    const asked = await get(`${url}/v1/models?key=${key}`, { headers });
    assert.equal(asked.status, 200);
    const named = await get(`${url}/v1/models/${key}`, { headers });
    await refused(target, named, { status: 404, code: 'model_not_found' });
    const lost = await get(`${url}/${key}/${key}`, { headers });
    await refused(target, lost, { status: 404, code: 'not_found' });
    const said = await post(target, { content: `My key is ${key}` }, { ...headers });
    assert.equal(said.status, 200);
    const kept = await Promise.all([asked, said].map(({ id }) => world.recordsOf(id)));
    const secret = key.split('_')[3] ?? '';
    for (const text of [asked.text, said.text, JSON.stringify(kept), JSON.stringify(world.log)])
      assert.ok(!text.includes(secret));
  },
);

row('J41', 'a credential in the query, in a cookie or in the body is none', async () => {
  const { key, url } = target;
  for (const name of ['access_token', 'api-key', 'api_key', 'key', 'token'])
    await refused(target, await get(`${url}/v1/models?${name}=${key}`), MISSING);
  await refused(target, await get(`${url}/v1/models`, { headers: { cookie: `api-key=${key}` } }), MISSING);
  const body = JSON.stringify({ 'api-key': key, access_token: key });
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body };
  await refused(target, await get(`${url}/v1/chat/completions`, init), MISSING);
});
