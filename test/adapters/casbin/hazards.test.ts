/** One test for each way in which Casbin was seen to fail open or fall over, and the neighbours of those. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { buildEngine } from '../../../gateway/adapters/casbin/build-engine.ts';
import { createDecisionPoint } from '../../../gateway/adapters/casbin/decision-point.ts';
import { createPolicySwitch } from '../../../gateway/adapters/casbin/policy-switch.ts';
import { createShards } from '../../../gateway/adapters/casbin/shards.ts';
import type { PolicyRequest } from '../../../gateway/core/policy/decision.ts';
import { parseRules } from '../../../gateway/core/policy/parse-rules.ts';
import { indexRules } from '../../../gateway/core/policy/rule-index.ts';
import { readSlug } from '../../../gateway/domain/ids.ts';
import { Problem } from '../../../gateway/domain/problem.ts';
import {
  decisionPointOf,
  HEADER,
  PLAIN_ALLOW,
  payerRequest,
  policyText,
  shippedDecisionPoint,
  table,
} from '../../policies/shipped-policy.ts';

const DENY_PILOT = 'no-pilot,tier:payer,*,*,*,*,pilot,*,*,deny,reason=no_pilot';
const ALLOW_PILOT = PLAIN_ALLOW.replace('plain', 'pilots').replace(',ga,', ',pilot|ga,');

test('H1: a deny written Deny, DENY or block is refused, not ignored', () => {
  for (const eft of ['Deny', 'DENY', 'block', 'deny.', 'Allow']) {
    refused(table(ALLOW_PILOT, DENY_PILOT.replace('deny', eft)), 'line 3: eft');
  }
  const point = decisionPointOf(table(ALLOW_PILOT, DENY_PILOT));
  assert.equal(point.decide(payerRequest({ stage: 'pilot' })).allowed, false);
});

test('H2: a row without its eft is refused, not an allow', () => {
  refused(table(PLAIN_ALLOW.replace(',allow', '')), 'line 2: columns');
  refused(table(PLAIN_ALLOW.replace(',allow,', ',,')), 'line 2: eft');
  refused(table(PLAIN_ALLOW.split(',').slice(0, 9).join(',')), 'line 2: columns');
});

test('H3: an empty set is refused, as text, as a header alone, and by the engine itself', () => {
  refused('', 'header');
  refused('# nothing\n\n', 'header');
  refused(HEADER, 'rows: none');
  assert.throws(() => buildEngine({ modelText: policyText('model.conf'), rows: [] }));
});

test('H3: a tenant without any rule is denied, also with an empty string in every attribute', () => {
  const point = decisionPointOf(table(PLAIN_ALLOW));
  const stranger = point.decide(payerRequest({ tenant: 'stranger', tier: 'research' }));
  assert.deepEqual([stranger.allowed, stranger.reasons], [false, ['no_matching_rule']]);
  const empty = {
    tenant: '',
    tier: '',
    principal: '',
    purpose: '',
    dataClass: '',
    model: '',
    stage: '',
    action: '',
  };
  assert.equal(point.decide({ ...empty, region: '' } as unknown as PolicyRequest).allowed, false);
});

test('H3d: an effect that allows what nothing denies is refused', () => {
  refusedModel(policyText('model.conf').replace('some(where (p.eft == allow)) && ', ''));
  refusedModel(
    policyText('model.conf').replace('!some(where (p.eft == deny))', 'some(where (p.eft == allow))'),
  );
  refusedModel(policyText('model.conf').replace(/^e = .*$/m, 'e = priority(p.eft) || deny'));
});

test('H4, H5, H6: no condition is ever evaluated: the model refuses it and the table has no place for it', () => {
  refusedModel(policyText('model.conf').replace('m = ', 'm = eval(p.model) && '));
  refusedModel(policyText('model.conf').replace('region, eft', 'region, cond, eft'));
  for (const condition of [
    '1==1) || (1==1',
    'true || r.purpose',
    'constructor.constructor()',
    'process.exit(1)',
    '((',
  ]) {
    refused(table(PLAIN_ALLOW.replace(',*,ga', `,${condition},ga`)), 'line 2: model');
  }
});

test('H7: an expression that would stall the event loop is refused as a word', () => {
  refused(table(PLAIN_ALLOW.replace(',*,ga', ',^(a+)+$,ga')), 'line 2: model');
  refusedModel(policyText('model.conf').replace('p.model == r.model', 'regexMatch(r.model, p.model)'));
});

test('H7, H8, H9, H10: an engine has no functions for patterns or paths at all', () => {
  for (const name of [
    'regexMatch',
    'keyMatch',
    'keyMatch2',
    'keyMatch3',
    'keyMatch4',
    'keyMatch5',
    'globMatch',
    'ipMatch',
  ]) {
    const modelText = `[request_definition]\nr = word\n[policy_definition]\np = word, eft\n[policy_effect]\ne = some(where (p.eft == allow)) && !some(where (p.eft == deny))\n[matchers]\nm = ${name}(r.word, p.word)`;
    const engine = buildEngine({ modelText, rows: [['a', 'allow']] });
    assert.throws(() => engine.match(['a']), name);
  }
});

test('H8, H9, H10: words are compared whole: no prefix, no part, no dot for any character', () => {
  const rule = (model: string) => decisionPointOf(table(PLAIN_ALLOW.replace(',*,ga', `,${model},ga`)));
  const asks = (model: string) => payerRequest({ model });
  for (const [written, asked] of [
    ['mayo-cr-1', 'mayo-cr-10'],
    ['mayo-cr-1', 'xmayo-cr-1'],
    ['mayo-cr', 'mayo-cr-1'],
    ['v1.0', 'v1x0'],
    ['a|b', 'a'.repeat(2)],
  ] as const) {
    assert.equal(rule(written).decide(asks(asked)).allowed, false, `${written} ${asked}`);
  }
  assert.equal(rule('v1.0').decide(asks('v1.0')).allowed, true);
  assert.equal(rule('a|b').decide(asks('b')).allowed, true);
  assert.equal(rule('a|b').decide(asks('a|b')).allowed, false);
});

test('H8: a list is not a word that a request may send', () => {
  const point = decisionPointOf(table(PLAIN_ALLOW));
  assert.equal(point.decide(payerRequest({ action: 'infer|stream' as 'infer' })).allowed, false);
});

test('H12: arrays, booleans, numbers and objects are denied in every attribute, not coerced', () => {
  const point = decisionPointOf(table(PLAIN_ALLOW));
  const right = payerRequest();
  for (const attribute of Object.keys(right) as (keyof PolicyRequest)[]) {
    for (const odd of [[right[attribute]], true, 1, { toString: () => right[attribute] }, null, undefined]) {
      const decision = point.decide({ ...right, [attribute]: odd } as PolicyRequest);
      assert.deepEqual([decision.allowed, decision.reasons], [false, ['request_not_understood']], attribute);
    }
  }
});

test('H13, T17: too few attributes are a deny, not a throw', () => {
  const { region, ...short } = payerRequest();
  assert.equal(region, 'US');
  assert.equal(decisionPointOf(table(PLAIN_ALLOW)).decide(short as PolicyRequest).allowed, false);
});

test('H14, T13: a set that fails midway leaves the active one as it was', () => {
  const active = createPolicySwitch(decisionPointOf(table(ALLOW_PILOT, DENY_PILOT)));
  const before = active.current();
  for (const broken of [
    table(ALLOW_PILOT, DENY_PILOT.replace('deny', 'Deny')),
    table(ALLOW_PILOT, 'cut,tier:payer,*,HP'),
    table(PLAIN_ALLOW.replace('HPAYMT', '*')),
    '',
  ]) {
    assert.throws(() => active.swap(decisionPointOf(broken)), Problem);
    assert.equal(active.current(), before);
    assert.equal(active.current().decide(payerRequest({ stage: 'pilot' })).allowed, false);
    assert.equal(active.current().decide(payerRequest()).allowed, true);
  }
});

test('H15, T12: ten thousand decisions during reloads, none of them wrong', async () => {
  const texts = [table(ALLOW_PILOT, DENY_PILOT), table(DENY_PILOT, `${PLAIN_ALLOW};alert=privacy`)];
  const active = createPolicySwitch(decisionPointOf(texts[0]!));
  let wrong = 0;
  let reloads = 0;
  const reloading = (async () => {
    for (; reloads < 10; reloads++) {
      await nextTurn();
      active.swap(decisionPointOf(texts[reloads % 2]!));
    }
  })();
  for (let at = 0; at < 10_000; at++) {
    if (at % 100 === 0) await nextTurn();
    const model = `model-${at}`;
    const point = active.current();
    if (!point.decide(payerRequest({ model })).allowed) wrong += 1;
    if (point.decide(payerRequest({ model, stage: 'pilot' })).allowed) wrong += 1;
  }
  await reloading;
  assert.deepEqual([wrong, reloads], [0, 10]);
});

test('H15: a request that began under one set ends under it', () => {
  const first = decisionPointOf(table(PLAIN_ALLOW));
  const second = decisionPointOf(table(ALLOW_PILOT, DENY_PILOT));
  const active = createPolicySwitch(first);
  const held = active.current();
  assert.equal(active.swap(second), first);
  assert.equal(held.decide(payerRequest()).policySet, first.policySet);
  assert.equal(active.current().decide(payerRequest()).policySet, second.policySet);
  assert.notEqual(first.policySet, second.policySet);
});

test('H16: sets built side by side do not add to each other', async () => {
  const points = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      await nextTurn();
      return decisionPointOf(table(PLAIN_ALLOW));
    }),
  );
  for (const point of points) assert.deepEqual(point.decide(payerRequest()).matchedRules, ['plain']);
});

test('H16: a rule written twice is refused', () => {
  refused(table(PLAIN_ALLOW, PLAIN_ALLOW), 'line 3: id_repeated');
});

test('H18, T14: there is no role graph to be too deep, cyclic or shared between tenants', () => {
  refused(table(PLAIN_ALLOW, 'g, mallory, human, *'), 'line 3: columns');
  refusedModel(`${policyText('model.conf')}\n[role_definition]\ng = _, _, _\n`);
  refusedModel(policyText('model.conf').replace('p.role == r.role', 'g(r.role, p.role, r.tenant)'));
});

test('a user or client called like a role has that name and no more', () => {
  const rule = PLAIN_ALLOW.replace('tier:payer,*', 'tier:payer,human');
  const point = decisionPointOf(table(rule));
  for (const principal of ['human', 'role:human', 'a:human', 'a:role:human', 'a:u:x', '*', 'tier:owner']) {
    assert.equal(point.decide(payerRequest({ principal })).allowed, false, principal);
  }
  assert.equal(point.decide(payerRequest({ principal: 'u:app' })).allowed, true);
});

test('a tenant called like a tier has the powers of its own tier', () => {
  const point = shippedDecisionPoint();
  const asOwner = { principal: 'u:x', purpose: 'TREAT', dataClass: 'phi', stage: 'internal' } as const;
  for (const tenant of ['owner', 'covered-entity', 'research', 'mayo']) {
    assert.equal(point.decide(payerRequest({ tenant, ...asOwner })).allowed, false, tenant);
  }
  refused(table(PLAIN_ALLOW.replace('tier:payer', 'tenant:owner')), 'line 2: tenant');
});

test('T04: a tenant that is no slug is denied', () => {
  const point = shippedDecisionPoint();
  for (const tenant of [
    '*',
    'acme::x',
    '../',
    'a,b',
    'a\nb',
    'role:admin',
    '__proto__',
    'x'.repeat(300),
    'Acme',
    'b\u043eb',
  ]) {
    assert.equal(point.decide(payerRequest({ tenant })).allowed, false, tenant);
  }
});

test('T07: names that differ by case, space, invisible or look-alike characters miss a deny into the default deny', () => {
  const point = shippedDecisionPoint();
  for (const purpose of ['hmarkt', 'HMARKT ', 'HMARKT\u200b', '\u041dMARKT']) {
    assert.equal(point.decide(payerRequest({ purpose: purpose as 'HMARKT' })).allowed, false, purpose);
  }
});

test('the memory of decisions cannot confuse two questions whose words join to the same text', () => {
  const rule = PLAIN_ALLOW.replace('tier:payer', 'tenant:abc').replace(',*,ga', ',c.d,ga');
  const point = decisionPointOf(table(rule, PLAIN_ALLOW.replace('plain', 'other').replace('limited', 'phi')));
  assert.equal(point.decide(payerRequest({ tenant: 'abc', model: 'c.d' })).allowed, true);
  for (const [tenant, model] of [
    ['abc$$c', 'd'],
    ['abc', '$$c.d'],
    ['abc$$', 'c.d'],
    ['abc","c', 'd'],
    ['abcc', 'd'],
    ['abc', 'd'],
  ] as const) {
    assert.equal(point.decide(payerRequest({ tenant, model })).allowed, false, `${tenant} ${model}`);
  }
});

test('a remembered allow does not outlive its policy set', () => {
  const active = createPolicySwitch(decisionPointOf(table(ALLOW_PILOT)));
  const request = payerRequest({ stage: 'pilot' });
  assert.equal(active.current().decide(request).allowed, true);
  active.swap(decisionPointOf(table(ALLOW_PILOT, DENY_PILOT)));
  assert.equal(active.current().decide(request).allowed, false);
});

test('H24: a decision point offers nothing to switch enforcement off or change a rule', () => {
  const point = shippedDecisionPoint();
  assert.deepEqual(Object.keys(point).sort(), ['decide', 'policySet']);
  assert.ok(Object.isFrozen(point));
});

test('the rules of the order of priority, of subjects and of strings do not exist: a deny wins wherever it stands', () => {
  const rows = Array.from({ length: 30 }, (_, at) => ALLOW_PILOT.replace('pilots', `pilots-${at}`));
  for (const at of [0, 15, 30]) {
    const decision = decisionPointOf(table(...rows.toSpliced(at, 0, DENY_PILOT))).decide(
      payerRequest({ stage: 'pilot' }),
    );
    assert.equal(decision.allowed, false);
    assert.equal(decision.matchedRules.length, 31);
    assert.equal(decision.matchedRules[at], 'no-pilot');
  }
  refusedModel(policyText('model.conf').replace('p = id,', 'p = priority, id,'));
});

test('an explanation names every rule that matched, not the first or last alone', () => {
  const rows = Array.from({ length: 7 }, (_, at) => PLAIN_ALLOW.replace('plain', `plain-${at}`));
  assert.equal(decisionPointOf(table(...rows)).decide(payerRequest()).matchedRules.length, 7);
});

test('matcher text is fixed: string literals that look like fields, backslashes and order cannot be slipped in', () => {
  const model = policyText('model.conf');
  refusedModel(model.replace('p.region == "*"', 'p.region == "p.region"'));
  refusedModel(model.replace('p.region == "*"', 'p.region == "\\\\*"'));
  refusedModel(model.replace('&& \\\n    (p.tenant', '|| \\\n    (p.tenant'));
  refusedModel(model.replace(/ && \\\n {4}\(p\.tenant.*$/m, ''));
  refusedModel(`${model}\nm2 = true\n`);
  refusedModel(`${model}\nm = true\n`);
  refusedModel('');
  refusedModel(`${model}${' '.repeat(30_000)}`);
});

test('comments and line breaks of the model are free', () => {
  const modelText = policyText('model.conf').replaceAll('\\\n', '\\\n\n # between\n');
  const point = createDecisionPoint({ modelText, rulesText: table(PLAIN_ALLOW), tenants: [] });
  assert.equal(point.decide(payerRequest()).allowed, true);
});

test('an unknown obligation is no allow: its set is refused and the active one stays', () => {
  refused(table(`${PLAIN_ALLOW};watermark=yes`), 'line 2: obligations');
  refused(table(PLAIN_ALLOW.replace('safe-harbor', 'strict')), 'line 2: obligations');
});

test('an engine that does not hear every row cannot answer', () => {
  const modelText = policyText('model.conf').replace(/^m = [\s\S]*$/m, 'm = r.purpose == "HPAYMT"');
  const engine = buildEngine({ modelText, rows: [row('one'), row('two')] });
  assert.throws(() => engine.match(['t', 't', 'app', 'HPAYMT', 'phi', 'm', 'ga', 'infer', 'US']), /heard/);
});

for (const attribute of ['purpose', 'class', 'stage', 'role', 'model', 'region']) {
  test(`an engine that overlooks the ${attribute} fails its sentinels and never answers a request`, () => {
    const modelText = policyText('model.conf').replace(
      `p.${attribute} == "*"`,
      `p.${attribute} == p.${attribute}`,
    );
    const index = indexRules(
      parseRules(table(PLAIN_ALLOW.replace(',*,HPAYMT,limited,*,', ',app,HPAYMT,limited,mayo-cr-1,'))),
    );
    const tenant = readSlug('summit');
    assert.ok(tenant);
    assert.throws(
      () => createShards({ modelText, index }).engineFor({ tenant, tier: 'payer', action: 'infer' }),
      (thrown) =>
        thrown instanceof Problem && thrown.reasons.some((reason) => reason.startsWith('sentinel: ')),
    );
  });
}

test('T20: with ten thousand rules over a thousand tenants each tenant is decided by its own few', () => {
  const rows = Array.from({ length: 10_000 }, (_, at) =>
    PLAIN_ALLOW.replace('plain', `plain-${at}`).replace('tier:payer', `tenant:tenant-${at % 1_000}`),
  );
  const point = decisionPointOf(table(...rows.slice(1), PLAIN_ALLOW.replace('limited', 'deidentified')));
  for (const at of [7, 500, 999]) {
    const decision = point.decide(payerRequest({ tenant: `tenant-${at}` }));
    assert.equal(decision.matchedRules.length, 10);
  }
  assert.equal(point.decide(payerRequest({ tenant: 'tenant-1000' })).allowed, false);
});

function row(id: string): readonly string[] {
  return [id, '*', '*', '*', '*', '*', '*', '*', '*', 'allow'];
}

function refused(rulesText: string, reason: string): void {
  assert.throws(
    () => decisionPointOf(rulesText),
    (thrown) =>
      thrown instanceof Problem && thrown.code === 'policy_invalid' && thrown.reasons.includes(reason),
  );
}

function refusedModel(modelText: string): void {
  assert.notEqual(modelText, policyText('model.conf'), 'the model was not changed');
  assert.throws(
    () => createDecisionPoint({ modelText, rulesText: table(PLAIN_ALLOW), tenants: [] }),
    (thrown) => thrown instanceof Problem && /^model: statement \d+$/.test(thrown.reasons[0] ?? ''),
  );
}
