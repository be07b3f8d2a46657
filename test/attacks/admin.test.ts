import assert from 'node:assert/strict';
import { CATALOGUE } from '../../gateway/actions/catalogue.ts';
import { act, newPartner } from '../support/steward.ts';
import { get, refused, row, sendRaw, underAttack } from './catalogue.ts';

const target = underAttack(() => ({}));

const asOwner = () => ({ 'api-key': target.world.demo.operators.owner.apiKey });
const UNKNOWN = { status: 400, code: 'unknown_parameter' };
const SURPLUS = [
  ...[
    'id',
    'tenant_id',
    'role',
    'status',
    'approved_by',
    'approved_at',
    'spend_limit',
    'created_by',
    'scopes',
  ],
  ...['key_id', 'secret', 'expires_at', 'is_owner', 'constructor', 'prototype', '$set', 'stewardgate'],
];

row('A06', 'an act takes its own fields and no other, whoever asks', async () => {
  const partner = await newPartner(target.world);
  const tenant = `/admin/v1/tenants/${partner.tenant}`;
  const acts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    '/admin/v1/tenants': { slug: 'harbor-surplus', name: 'Harbor Clinic (invented)', tier: 'payer' },
    [`${tenant}/clients`]: { name: 'ward app' },
    [`${tenant}/keys`]: { client: partner.client, environment: 'test', scopes: ['model:invoke'] },
    [`${tenant}/people`]: { name: 'Quill Marlowe (invented)', role: 'tenant_viewer' },
    [`${tenant}/clients/${partner.client}/suspend`]: {},
    [`/admin/v1/keys/${partner.keyId}/rotate`]: {},
    [`${tenant}/suspend`]: {},
    [`/admin/v1/keys/${partner.keyId}/revoke`]: {},
  };
  for (const [path, fields] of Object.entries(acts)) {
    for (const surplus of SURPLUS.filter((name) => !Object.hasOwn(fields, name))) {
      const body = JSON.stringify({ ...fields, [surplus]: 'owner' });
      const headers = { ...asOwner(), 'content-type': 'application/json' };
      const answer = await get(`${target.url}${path}`, { method: 'POST', headers, body });
      await refused(target, answer, UNKNOWN);
    }
  }
  assert.equal((await act(target.world, 'owner', 'GET /admin/v1/tenants/harbor-surplus')).status, 404);
  assert.equal((await target.world.ask('a cough', { key: partner.key })).status, 200);
});

row('A06', 'a path and a body that name different things are refused', async () => {
  const headers = { ...asOwner(), 'content-type': 'application/json' };
  const body = JSON.stringify({ tenant: 'mayo', name: 'ward app' });
  const answer = await get(`${target.url}/admin/v1/tenants/northwind/clients`, {
    method: 'POST',
    headers,
    body,
  });
  await refused(target, answer, { status: 400, code: 'invalid_parameter' });
});

const ODD = ['\u001b[31mred', '\u001b]0;title\u0007', 'a\u0000b', 'a\u0007b'];
const HIGH = ['\u00e2\u0080\u00a8', '\u00ff\u00fe', '\u009b31m'];
row('A08', 'nothing that a terminal obeys comes from a header into a record or the log', async () => {
  const headed = (field: string) =>
    `GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\napi-key: ${target.key}\r\n${field}\r\n\r\n`;
  for (const name of ['user-agent', 'x-stewardgate-user', 'x-request-id', 'referer']) {
    for (const value of [...ODD, ...HIGH]) {
      const [answer] = await sendRaw(target, headed(`${name}: ${value}`));
      const records = await target.world.recordsOf(answer?.id ?? '');
      assert.equal(records.length, 1);
      assert.doesNotMatch(
        JSON.stringify([records, target.world.log]),
        /\\u001b|\\u0000|\\u0007|[\u007f-\u009f\u2028]/,
      );
    }
  }
});

row('A14', 'no record is put, patched or removed through any door', async () => {
  const { records } = await target.world.gateway.office.audit.search({}, { limit: 1 });
  const headers = { 'api-key': target.world.demo.operators.auditor.apiKey };
  for (const path of ['/audit/v1/records', `/audit/v1/records/${records[0]?.recordId}`]) {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
      const answer = await get(`${target.url}${path}`, { method, headers });
      await refused(target, answer, { status: 405, code: 'method_not_allowed' });
    }
  }
});

row('S11', 'no act takes a setting: no proxy, exporter, mail host or address to call', () => {
  const words = /proxy|otel|smtp|endpoint|webhook|url|uri|host\b|env/i;
  for (const { path, event } of CATALOGUE) assert.doesNotMatch(`${path} ${event}`, words);
});
