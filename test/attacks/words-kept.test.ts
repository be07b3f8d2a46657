import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act } from '../support/steward.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

for (const header of ['x-stewardgate-user', 'x-stewardgate-consent']) {
  test(`${header} with a patient's number in it is refused, and the number is in no record`, async () => {
    for (const value of ['536-22-8718', 'Consent/536-22-8718', 'MRN:00482913']) {
      const reply = await world.ask('a cough', { headers: { [header]: value } });
      assert.equal(reply.status, 400, value);
      assert.equal(reply.body.error.code, 'context_invalid');
      assert.equal(reply.body.error.param, header);
      assert.doesNotMatch(JSON.stringify(await world.recordsOf(reply.id)), /22-8718|00482913/);
    }
  });
}

test('an ordinary reference that happens to hold those letters is accepted', async () => {
  const headers = {
    'x-stewardgate-user': 'jessnorth@harbor.example',
    'x-stewardgate-consent': 'Consent/018f-77-12',
  };
  assert.equal((await world.ask('a cough', { headers })).status, 200);
});

test('software that calls itself system in any letter case is nobody', async () => {
  for (const user of ['system', 'System', 'SYSTEM']) {
    const headers = { 'x-stewardgate-purpose': 'TREAT', 'x-stewardgate-user': user };
    assert.equal((await world.ask('a cough', { headers })).body.error.code, 'context_invalid', user);
  }
});

const base64 = (text: string) => Buffer.from(text).toString('base64url');
const ODD_PLACES: readonly string[] = [
  `cursor=${base64('2026-02-30T24:00:00.000000Z|00000000-0000-0000-0000-000000000000')}`,
  `cursor=${base64('0000-01-01T00:00:00.000000Z|00000000-0000-0000-0000-000000000000')}`,
  'from=0000-01-01T00:00:00Z',
];
for (const query of ODD_PLACES) {
  test(`a search by ${query} is a bad parameter, not a fault`, async () => {
    const reply = await act(world, 'auditor', `GET /audit/v1/records?${query}`);
    assert.equal(reply.status, 400, reply.text);
    assert.equal(reply.body.code, 'invalid_parameter');
  });
}

const ODD_TENANTS: readonly Readonly<Record<string, unknown>>[] = [
  { name: 'Harbor\u0000Clinic' },
  { name: 'Harbor \u001b[31mClinic' },
  { name: 'Harbor\r\nClinic' },
  { name: 'Harbor Clinic', pinned_version: 'mayo-cr-99' },
  { name: 'Harbor Clinic', pinned_version: 'mayo\u0000' },
];
for (const [at, fields] of ODD_TENANTS.entries()) {
  test(`a tenant of ${JSON.stringify(fields)} is refused and not made`, async () => {
    const slug = `harbor-odd-${at}`;
    const reply = await act(world, 'owner', 'POST /admin/v1/tenants', { slug, tier: 'payer', ...fields });
    assert.equal(reply.status, 400, reply.text);
    assert.equal(reply.body.code, 'invalid_parameter');
    assert.equal((await act(world, 'owner', `GET /admin/v1/tenants/${slug}`)).status, 404);
  });
}
