import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readContext, type SentContext } from '../../../gateway/core/tenants/request-context.ts';
import { PURPOSES } from '../../../gateway/domain/vocabulary.ts';

const NOTHING: SentContext = {
  purpose: undefined,
  dataClass: undefined,
  user: undefined,
  patientRef: undefined,
  labels: undefined,
  consent: undefined,
};
const read = (sent: Partial<SentContext>) => readContext({ ...NOTHING, ...sent }, 'HOPERAT');

test('what is not said is the default: the pinned purpose, de-identified, software on its own', () => {
  const context = read({});
  assert.deepEqual(
    [context.purpose, context.purposeSource, context.dataClass, context.user, context.patientRef],
    ['HOPERAT', 'default', 'deidentified', null, null],
  );
});

test('without a pinned purpose one must be said', () => {
  assert.throws(() => readContext(NOTHING, null), {
    code: 'purpose_required',
    param: 'x-stewardgate-purpose',
  });
});

test('each purpose of the vocabulary can be said, and care needs a named person', () => {
  for (const purpose of PURPOSES) {
    assert.deepEqual(
      [read({ purpose, user: 'clinician-1' }).purpose, read({ purpose, user: 'clinician-1' }).purposeSource],
      [purpose, 'header'],
    );
  }
  for (const purpose of ['TREAT', 'ETREAT', 'BTG']) {
    for (const user of [undefined, 'system']) {
      assert.throws(() => read({ purpose, user }), { code: 'context_invalid', param: 'x-stewardgate-user' });
    }
  }
});

const INVALID: readonly (readonly [Partial<SentContext>, string])[] = [
  ...['', 'treat', 'TREAT,HRESCH', 'TREAT, TREAT', 'XYZ', 'TREAT '].map(
    (purpose) => [{ purpose }, 'x-stewardgate-purpose'] as const,
  ),
  ...['', 'PHI', 'public', 'phi,limited'].map(
    (dataClass) => [{ dataClass }, 'x-stewardgate-data-class'] as const,
  ),
  ...['', 'a b', 'x'.repeat(129), 'Ärztin', 'a\nb', '<b>'].map(
    (user) => [{ user }, 'x-stewardgate-user'] as const,
  ),
  ...['', 'R,', 'r', 'R;N', 'A'.repeat(17), Array(17).fill('R').join()].map(
    (labels) => [{ labels }, 'x-stewardgate-labels'] as const,
  ),
  ...['', 'a b', 'x'.repeat(129)].map((consent) => [{ consent }, 'x-stewardgate-consent'] as const),
];

for (const [sent, param] of INVALID) {
  test(`not accepted, and the header named: ${JSON.stringify(sent).slice(0, 60)}`, () => {
    assert.throws(() => read(sent), { code: 'context_invalid', param });
  });
}

test('a sensitivity label raises the data class, and nothing lowers it', () => {
  for (const labels of ['R', 'V', 'SUD', 'PSYTHPN', 'N,SUD', 'U,R']) {
    for (const dataClass of ['deidentified', 'limited', 'phi', 'sensitive', undefined]) {
      assert.equal(read({ labels, dataClass }).dataClass, 'sensitive');
    }
  }
  for (const labels of ['U', 'L', 'M', 'N', 'N,L'])
    assert.equal(read({ labels, dataClass: 'phi' }).dataClass, 'phi');
});

test('a patient reference is a token that means nothing to a stranger', () => {
  for (const patientRef of [
    'pt7f3a9c21',
    '0191d2c0-7f3b-7c6e-9a11-3f5a2b8c9d0e',
    'urn:uuid:7f3a9c21',
    'Patient/a1b2c3d4e5',
  ]) {
    assert.equal(read({ patientRef }).patientRef, patientRef);
  }
  const telling = [
    'Quillan-Ashdown',
    'Quillan Ashdown 1970-01-01',
    'Quillan.Ashdown',
    'MRN-0012345',
    'mrn0012345a',
    '536-22-8718',
    'a-536-22-8718',
    '536228718',
    '1970-01-01',
    'a1-1970-01-01',
    '0012345',
    '',
    'a',
    'x'.repeat(129),
  ];
  for (const patientRef of telling) {
    assert.throws(
      () => read({ patientRef }),
      { code: 'patient_ref_not_opaque', param: 'x-stewardgate-patient-ref' },
      patientRef,
    );
  }
});
