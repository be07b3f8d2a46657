import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newClientKeyPair } from '../../gateway/adapters/identity/client-key-pair.ts';
import { childEnvironment, childFlags } from '../support/child.ts';
import { stewardgate } from '../support/command-line.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

/** Signs in with the demo's own operator keys, as a person beside the gateway would. */
const beside = () => ({ STEWARDGATE_DATA_DIR: world.dataDir });

test('a steward creates a tenant, a client and a key that works, and revokes it', async () => {
  const create = [
    'tenant',
    'create',
    'willowbrook',
    '--name',
    'Willowbrook Clinic',
    '--tier',
    'covered-entity',
  ];
  const tenant = await stewardgate([...create, '--purpose', 'HOPERAT'], beside());
  assert.equal(tenant.code, 0, tenant.err);
  const client = JSON.parse((await stewardgate(['tenant', 'client', 'willowbrook', 'Portal'], beside())).out);
  const issue = ['key', 'issue', 'willowbrook', '--client', client.id, '--days', '7'];
  const issued = JSON.parse((await stewardgate(issue, beside())).out);
  assert.equal((await world.ask('a cough', { key: issued.secret })).status, 200);

  const listed = JSON.parse((await stewardgate(['key', 'list', 'willowbrook'], beside())).out);
  assert.equal(listed.data[0].id, issued.key.id);
  assert.ok(!JSON.stringify(listed).includes(issued.secret.slice(22)));
  assert.equal((await stewardgate(['key', 'revoke', issued.key.id], beside())).code, 0);
  const again = await stewardgate(['key', 'revoke', issued.key.id], beside());
  assert.equal(again.code, 1);
  assert.match(again.err, /^not_found/);
});

test('a steward rotates a key, and both work', async () => {
  const client = await portalOf('elmhurst');
  const issue = ['key', 'issue', 'elmhurst', '--client', client, '--scope', 'model:invoke', '--days', '30'];
  const issued = JSON.parse((await stewardgate(issue, beside())).out);
  const rotated = await stewardgate(['key', 'rotate', issued.key.id, '--overlap', '1'], beside());
  assert.equal(rotated.code, 0, rotated.err);
  const { secret } = JSON.parse(rotated.out);
  for (const key of [issued.secret, secret]) assert.equal((await world.ask('a cough', { key })).status, 200);
  const { data } = JSON.parse((await stewardgate(['key', 'list', 'elmhurst'], beside())).out);
  const states = data.map((card: { id: string; state: string }) => [card.id === issued.key.id, card.state]);
  assert.deepEqual(states.toSorted(), [
    [false, 'active'],
    [true, 'expiring'],
  ]);
});

test("a tenant's administrator gets a key from the owner, and with it lists its clients and nobody else's", async () => {
  await portalOf('birchwood');
  const made = await stewardgate(
    ['tenant', 'person', 'birchwood', 'Wren Ashdown (invented)', '--role', 'tenant_admin'],
    beside(),
  );
  assert.equal(made.code, 0, made.err);
  const theirs = { STEWARDGATE_OPERATOR_KEY: JSON.parse(made.out).secret };
  const list = (slug: string) => stewardgate(['client', 'list', slug, '--url', world.url], theirs);
  assert.equal((await list('birchwood')).code, 0);
  const foreign = await list('northwind');
  assert.equal(foreign.code, 1);
  assert.match(foreign.err, /^not_found/);
});

test('a client is listed, shown, suspended and resumed', async () => {
  const client = await portalOf('oakfield');
  const listed = JSON.parse((await stewardgate(['client', 'list', 'oakfield'], beside())).out);
  assert.deepEqual(
    listed.data.map(({ id }: { id: string }) => id),
    [client],
  );
  for (const [verb, status] of [
    ['suspend', 'suspended'],
    ['resume', 'active'],
  ] as const) {
    const done = await stewardgate(['client', verb, 'oakfield', client], beside());
    assert.equal(JSON.parse(done.out).status, status, done.err);
  }
  const shown = JSON.parse((await stewardgate(['client', 'show', 'oakfield', client], beside())).out);
  assert.deepEqual([shown.id, shown.jwks], [client, null]);
});

test('a set of public keys is put for a client; a private key is refused before it leaves the machine', async () => {
  const client = await portalOf('ashgrove');
  const { jwks, privateJwk } = await newClientKeyPair();
  const put = async (keys: unknown) => {
    const file = join(world.dataDir, 'jwks.json');
    writeFileSync(file, JSON.stringify(keys));
    return await stewardgate(['client', 'jwks', 'put', 'ashgrove', client, file], beside());
  };
  const done = await put(jwks);
  assert.equal(done.code, 0, done.err);
  assert.deepEqual(JSON.parse(done.out).jwks, jwks);
  const answered = world.log.requests.length;
  const refused = await put({ keys: [privateJwk] });
  assert.equal(refused.code, 1);
  assert.match(refused.err, /^unknown_parameter: .*\n {2}parameter: keys\.0\.d$/m);
  assert.ok(!refused.err.includes(String(privateJwk.d)));
  assert.equal((await put('no set')).code, 1);
  assert.equal(world.log.requests.length, answered);
  assert.equal(
    (await stewardgate(['client', 'jwks', 'put', 'ashgrove', client, '/nowhere'], beside())).code,
    2,
  );
});

/** A new tenant of that name, and its client. */
async function portalOf(slug: string): Promise<string> {
  const tenant = ['tenant', 'create', slug, '--name', 'Invented Clinic', '--tier', 'covered-entity'];
  await stewardgate([...tenant, '--purpose', 'HOPERAT'], beside());
  const created = await stewardgate(['client', 'create', slug, 'Portal'], beside());
  assert.equal(created.code, 0, created.err);
  return JSON.parse(created.out).id;
}

test('a tenant is suspended and reinstated', async () => {
  const status = async (verb: string) =>
    JSON.parse((await stewardgate(['tenant', verb, 'summit'], beside())).out);
  assert.equal((await status('suspend')).status, 'suspended');
  assert.equal((await status('reinstate')).status, 'active');
});

test('policy explain names the rules that decide', async () => {
  const verb = ['policy', 'explain', 'lakeside', 'mayo-cr-1', '--purpose', 'HRESCH', '--data-class', 'phi'];
  const decision = JSON.parse((await stewardgate(verb, beside())).out);
  assert.equal(decision.allowed, false);
  assert.deepEqual(decision.reasons, ['irb_required']);
});

test('audit search prints one record a line, newest first, across pages', async () => {
  const { id } = await world.ask('a cough');
  const { code, out } = await stewardgate(['audit', 'search', '--request-id', id], beside());
  assert.equal(code, 0);
  const phases = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).phase);
  assert.deepEqual(phases, ['completed', 'decided']);
});

test('an operator key in the environment signs in elsewhere, and one that is wrong is refused', async () => {
  const settings = { STEWARDGATE_OPERATOR_KEY: world.demo.operators.auditor.apiKey };
  const verb = ['audit', 'search', '--url', world.url, '--limit', '1'];
  assert.equal((await stewardgate(verb, settings)).code, 0);
  const refused = await stewardgate(['tenant', 'list', '--url', world.url], {
    STEWARDGATE_OPERATOR_KEY: 'sgk_live_nonsense',
  });
  assert.equal(refused.code, 1);
  assert.match(refused.err, /^invalid_api_key/);
});

test('what needs the database itself says so while the gateway holds it', async () => {
  const { code, err } = await stewardgate(
    ['operator', 'create', '--name', 'Second', '--role', 'auditor'],
    beside(),
  );
  assert.equal(code, 1);
  assert.match(err, /another process is using the database folder/);
});

test('a refusal names the parameter at fault', async () => {
  const { code, err } = await stewardgate(['tenant', 'client', 'willowbrook', 'a'.repeat(201)], beside());
  assert.equal(code, 1);
  assert.match(err, /^invalid_parameter: .*\n {2}parameter: name$/m);
});

test('every filter of the API can be given on the command line', async () => {
  const { id } = await world.ask('a cough', { headers: { 'x-stewardgate-user': 'clinician-7' } });
  const filters = ['--user-ref', 'clinician-7', '--phase', 'completed', '--model-version', 'mayo-cr-1'];
  const verb = ['audit', 'search', ...filters, '--from', '2020-01-01T00:00:00Z', '--outcome', 'success'];
  const { code, out, err } = await stewardgate(verb, beside());
  assert.equal(code, 0, err);
  assert.equal(JSON.parse(out).request_id, id);
});

test('a reader that leaves early ends a search quietly and well', async () => {
  for (let asked = 0; asked < 4; asked += 1) await world.ask('a cough');
  const program = [
    ...childFlags,
    join(import.meta.dirname, '../../gateway/cli/stewardgate.ts'),
    'audit',
    'search',
  ];
  const env = { ...childEnvironment, ...beside() };
  const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  const [code] = await once(child, 'close');
  assert.deepEqual([code, said], [0, '']);
});
