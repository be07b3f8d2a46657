import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { Problem } from '../../gateway/domain/problem.ts';
import { act } from '../support/steward.ts';
import { keyOf, openWorld, type World } from '../world.ts';

/** Words that stand in prompts and answers and may stand nowhere in the ledger; invented. */
const CANARY = 'zebrafish';
const IDENTIFIERS = ['536-22-8718', 'quill.ashdown@harbor.example', '507-555-0142'];

let world: World;
let tenantId: string;
before(async () => {
  world = await openWorld({
    fixtures: { leaky: `${CANARY}: SSN ${IDENTIFIERS[0]}, ${IDENTIFIERS[1]}, call ${IDENTIFIERS[2]}` },
  });
  const tenants = await world.gateway.office.registry.listTenants();
  tenantId = tenants.find(({ slug }) => slug === 'northwind')?.id ?? '';
});
after(() => world[Symbol.asyncDispose]());

interface Row {
  readonly record_id: string;
  readonly request_id: string;
  readonly phase: string;
  readonly event_type: string;
  readonly tenant_id: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly [name: string]: unknown;
}

async function search(query: string): Promise<{ rows: readonly Row[]; next: string | null; id: string }> {
  const reply = await act(world, 'auditor', `GET /audit/v1/records?${query}`);
  assert.equal(reply.status, 200, reply.text);
  return { rows: reply.body.data as unknown as readonly Row[], next: reply.body.next_cursor, id: reply.id };
}

test('an auditor finds a request by the id that its caller was told, and reads what was decided', async () => {
  const reply = await world.ask('a cough');
  const { rows } = await search(`request_id=${reply.id}`);
  assert.deepEqual(rows.map(({ phase }) => phase).toSorted(), ['completed', 'decided']);
  const completed = rows.find(({ phase }) => phase === 'completed');
  assert.deepEqual(
    [
      completed?.outcome,
      completed?.purpose,
      completed?.data_class,
      completed?.model_version,
      completed?.policy_set,
    ],
    ['success', 'HOPERAT', 'deidentified', 'mayo-cr-1', reply.headers.get('x-stewardgate-policy-set')],
  );
  assert.equal(completed?.detail.decisionId, reply.headers.get('x-stewardgate-decision-id'));
});

test("an auditor finds a request by the caller's own id", async () => {
  const own = '0191d2c0-7f3b-7c6e-9a11-3f5a2b8c9d0e';
  await world.ask('a cough', { headers: { 'x-request-id': own } });
  const { rows } = await search(`request_id=${own}`);
  assert.equal(rows.length, 2);
  assert.ok(rows.every(({ detail }) => detail.correlationId === own));
});

test('an auditor walks all records of a tenant, page by page, each once', async () => {
  for (let at = 0; at < 4; at += 1) await world.ask(`question ${at}`);
  await world.ask('of another tenant', { key: keyOf(world.demo, 'lakeside') });
  const seen: Row[] = [];
  let cursor = '';
  for (let page = 0; page < 20; page += 1) {
    const { rows, next } = await search(
      `tenant=${tenantId}&limit=3${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    assert.ok(rows.length <= 3);
    seen.push(...rows);
    if (next === null) break;
    cursor = next;
  }
  const all = await world.gateway.office.audit.search({ tenantId }, { limit: 200 });
  assert.deepEqual(
    seen.map(({ record_id }) => record_id),
    all.records.map(({ recordId }) => recordId),
  );
  assert.ok(seen.every(({ tenant_id }) => tenant_id === tenantId));
});

test('an auditor searches by what happened, why, for whom and when', async () => {
  const denied = await world.ask('a cough', {
    headers: {
      'x-stewardgate-purpose': 'HMARKT',
      'x-stewardgate-user': 'clinician-7',
      'x-stewardgate-patient-ref': 'pt7f3a9c21',
    },
  });
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const queries = [
    'decision=deny',
    'reason_code=marketing_not_permitted',
    'error_code=policy_denied',
    'event_type=policy.denied',
    'purpose=HMARKT',
    'user_ref=clinician-7',
    'outcome=denied',
    `patient_ref=pt7f3a9c21&tenant=${tenantId}`,
    `from=${since}&purpose=HMARKT`,
  ];
  for (const query of queries) {
    const { rows } = await search(query);
    assert.deepEqual(
      rows.map(({ request_id }) => request_id),
      [denied.id],
      query,
    );
  }
  assert.equal((await search(`to=${since}`)).rows.length, 0);
  const patient = (await search('purpose=HMARKT')).rows[0]?.patient_ref;
  assert.match(String(patient), /^[0-9a-f]{32}$/, 'only a keyed hash is kept');
});

test('what an auditor asks is checked like any other input', async () => {
  for (const query of [
    'tenant=a%20b',
    'phase=later',
    'limit=0',
    'limit=201',
    'from=yesterday',
    'surprise=1',
    'cursor=nonsense',
    'patient_ref=pt7f3a9c21',
    'purpose=treat',
  ]) {
    const reply = await act(world, 'auditor', `GET /audit/v1/records?${query}`);
    assert.equal(reply.status, 400, query);
  }
});

test("an auditor reads one record, and the auditor's own looking is on record", async () => {
  const reply = await world.ask('a cough');
  const found = await search(`request_id=${reply.id}`);
  const one = await act(world, 'auditor', `GET /audit/v1/records/${found.rows[0]?.record_id}`);
  assert.deepEqual([one.status, one.body], [200, found.rows[0]]);
  const [searched] = await world.recordsOf(found.id);
  assert.deepEqual(
    [searched?.eventType, searched?.action, searched?.body.operatorRole],
    ['audit.search', 'R', 'auditor'],
  );
  const { digest, ...noted } = searched?.body.search ?? {};
  assert.deepEqual(noted, { filter: { requestId: reply.id }, limit: 50, rows: 2 });
  const shown = found.rows.map(({ record_id }) => record_id).join('\n');
  assert.equal(digest, createHash('sha256').update(shown).digest('hex'));
  const [read] = await world.recordsOf(one.id);
  assert.deepEqual(
    [read?.eventType, read?.body.search],
    ['audit.read', { record: found.rows[0]?.record_id }],
  );
});

test('when the looking cannot be recorded, nothing is shown', async () => {
  const ledger = { isReady: () => true, append: () => Promise.reject(new Problem('audit_unavailable')) };
  const url = await world.serveWith((doors) => ({
    ...doors,
    house: { ...doors.house, ledger },
    office: { ...doors.office, ledger },
  }));
  const reply = await request(url)
    .get('/audit/v1/records')
    .set('api-key', world.demo.operators.auditor.apiKey);
  assert.equal(reply.status, 503);
  assert.deepEqual(JSON.parse(reply.text).code, 'audit_unavailable');
});

test('an auditor changes nothing', async () => {
  for (const route of [
    'POST /admin/v1/tenants',
    'POST /admin/v1/tenants/northwind/suspend',
    'POST /admin/v1/tenants/northwind/keys',
    'GET /admin/v1/tenants/northwind/keys',
  ]) {
    const reply = await act(world, 'auditor', route, route.startsWith('POST') ? {} : undefined);
    assert.deepEqual([reply.status, reply.body.code], [403, 'insufficient_scope'], route);
  }
});

test('no content, no secret and no identifier stands anywhere in the ledger or in the log', async () => {
  const key = keyOf(world.demo, 'northwind');
  const question = `Say ${CANARY}: ${IDENTIFIERS.join(', ')}; my key is ${key}\nSIMULATE leaky`;
  for (const stream of [false, true]) await world.ask({ content: question, stream });
  await world.ask({ content: question, [CANARY]: 1 });
  await world.ask({ content: question, model: CANARY });
  await world.ask(question, {
    headers: { 'x-stewardgate-user': 'clinician-1', 'x-stewardgate-purpose': CANARY },
  });
  await world.ask({ content: question }, { key: keyOf(world.demo, 'lakeside') });
  await fetch(`${world.url}/${CANARY}/${key}?q=${CANARY}`, {
    headers: { 'user-agent': `${CANARY} ${key}`, 'api-key': key },
  });
  const rows = await world.gateway.database.handle.execute('SELECT * FROM audit_record');
  const usage = await world.gateway.database.handle.execute('SELECT * FROM usage_record');
  const kept = JSON.stringify([rows, usage, world.log.requests, world.log.faults, world.log.notices]);
  for (const word of [
    CANARY,
    ...IDENTIFIERS,
    '22-8718',
    'ashdown',
    key,
    key.split('_')[3] ?? '',
    world.demo.operators.auditor.apiKey,
  ]) {
    assert.ok(!kept.includes(word), `the ledger or the log holds "${word.slice(0, 12)}"`);
  }
});
