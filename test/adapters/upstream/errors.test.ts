import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isHostFailure,
  problemOfBreak,
  problemOfErrorBody,
  problemOfRefusal,
} from '../../../gateway/adapters/upstream/errors.ts';
import { hostWaitMs } from '../../../gateway/adapters/upstream/retry-after.ts';
import { Problem, type ProblemCode } from '../../../gateway/domain/problem.ts';

const SECRET = 'Zebediah Quill';

const TABLE: readonly (readonly [number, ProblemCode])[] = [
  [204, 'upstream_error'],
  [302, 'upstream_error'],
  [400, 'upstream_rejected'],
  [401, 'upstream_auth_error'],
  [402, 'upstream_error'],
  [403, 'upstream_auth_error'],
  [404, 'upstream_misconfigured'],
  [408, 'upstream_timeout'],
  [409, 'upstream_error'],
  [413, 'upstream_rejected'],
  [422, 'upstream_rejected'],
  [429, 'upstream_busy'],
  [500, 'upstream_error'],
  [502, 'upstream_error'],
  [503, 'upstream_error'],
  [504, 'upstream_error'],
];

for (const [status, code] of TABLE) {
  test(`a host's ${status} is ${code}, whatever its body`, () => {
    const bodies = [undefined, null, 'busy', { statusCode: status, message: SECRET }, { error: SECRET }, []];
    for (const body of bodies) assert.equal(problemOfRefusal({ status, body }).code, code);
  });
}

test('nothing of a host error body reaches a problem', () => {
  const body = { error: { message: SECRET, code: SECRET, type: SECRET, param: `tools[0].${SECRET}` } };
  for (const status of [400, 401, 404, 429, 500]) {
    const problem = problemOfRefusal({ status, body });
    assert.doesNotMatch(`${JSON.stringify(problem)} ${problem.message} ${problem.cause}`, /Zebediah|Quill/);
  }
});

test('a rejected request names the parameter and the telling code, and only known ones', () => {
  const error = { code: 'context_length_exceeded', param: 'messages[3].content', message: SECRET };
  const problem = problemOfRefusal({ status: 400, body: { error } });
  assert.equal(problem.param, 'messages');
  assert.deepEqual(problem.reasons, ['context_length_exceeded']);
  const unknown = problemOfRefusal({ status: 400, body: { error: { code: 'odd', param: 'patient_name' } } });
  assert.equal(unknown.param, undefined);
  assert.deepEqual(unknown.reasons, []);
});

for (const spelling of ['innererror', 'inner_error']) {
  test(`a filter's refusal with ${spelling} is content_filter with the categories that struck`, () => {
    const content_filter_result = {
      hate: { filtered: false, severity: 'safe' },
      violence: { filtered: true, severity: 'high', text: SECRET },
      jailbreak: { filtered: true, detected: true },
      [SECRET]: { filtered: true },
    };
    const inner = { code: 'ResponsibleAIPolicyViolation', content_filter_result };
    const body = { error: { code: 'BadRequest', message: SECRET, [spelling]: inner } };
    const problem = problemOfRefusal({ status: 400, body });
    assert.equal(problem.code, 'content_filter');
    assert.deepEqual(problem.reasons, ['jailbreak', 'violence']);
  });
}

test('a filter refusal is known by its code alone', () => {
  const problem = problemOfRefusal({ status: 400, body: { error: { code: 'content_filter' } } });
  assert.equal(problem.code, 'content_filter');
  assert.deepEqual(problem.reasons, []);
});

test('the wait passed on is between 1 and 30 seconds', () => {
  const wait = (waitMs?: number) => problemOfRefusal({ status: 429, waitMs }).retryAfterMs;
  assert.equal(wait(200), 1_000);
  assert.equal(wait(7_500), 7_500);
  assert.equal(wait(999_999_000), 30_000);
  assert.equal(wait(), 2_000);
});

test('the host wait is read from retry-after-ms before retry-after, and nonsense is nothing', () => {
  assert.equal(hostWaitMs({ 'retry-after-ms': '200', 'retry-after': '9' }), 200);
  assert.equal(hostWaitMs({ 'retry-after-ms': 'abc', 'retry-after': '1.5' }), 1_500);
  for (const value of ['abc', '-1', '', '1e9', 'Wed, 21 Oct 2026 07:28:00 GMT', '99999999999999']) {
    assert.equal(hostWaitMs({ 'retry-after': value }), undefined, value);
  }
  assert.equal(hostWaitMs({ 'retry-after': ['1', '2'] }), undefined);
});

test('an error inside an accepted answer is told by its code', () => {
  const codeOf = (error: unknown) => problemOfErrorBody({ error }).code;
  assert.equal(codeOf({ code: '429' }), 'upstream_busy');
  assert.equal(codeOf({ code: 429 }), 'upstream_busy');
  assert.equal(codeOf({ code: 'rate_limit_exceeded' }), 'upstream_busy');
  assert.equal(codeOf({ code: null, type: 'timeout' }), 'upstream_timeout');
  assert.equal(codeOf({ code: 'content_filter' }), 'content_filter');
  assert.equal(codeOf({ code: 'server_error', message: SECRET }), 'upstream_error');
  assert.equal(codeOf('text'), 'upstream_error');
});

test('a transport that broke is an error, and a timeout when it was one', () => {
  const broken = (code: string) => problemOfBreak(Object.assign(new Error(SECRET), { code }));
  assert.equal(broken('ECONNREFUSED').code, 'upstream_error');
  assert.equal(broken('UND_ERR_CONNECT_TIMEOUT').code, 'upstream_timeout');
  assert.equal(broken('UND_ERR_BODY_TIMEOUT').code, 'upstream_timeout');
  assert.doesNotMatch(String(broken('ECONNRESET').cause), /Zebediah/);
});

test('only failures of the host count against it', () => {
  const codes: readonly ProblemCode[] = ['upstream_error', 'upstream_timeout'];
  for (const code of codes) assert.ok(isHostFailure(new Problem(code)));
  const refusals: readonly ProblemCode[] = [
    'content_filter',
    'upstream_busy',
    'upstream_rejected',
    'upstream_auth_error',
  ];
  for (const code of refusals) assert.ok(!isHostFailure(new Problem(code)));
  assert.ok(!isHostFailure(new Error('fault')));
});
