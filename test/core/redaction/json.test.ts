import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createJsonRedactor, redactJson } from '../../../gateway/core/redaction/redactor.ts';

const strings = fc.oneof(
  fc.constantFrom(
    'Dr. Quillfeather',
    'John Smith',
    '123-45-6789',
    '555-123-4567',
    'quill@example.com',
    'March 14, 2021',
    'Boston, MA 02139',
    'MRN 998877',
    'say "hi"',
    'a\\b',
    'tab\there',
    '😀',
    '\ud800',
    'é',
    '5 mg',
    '[NAME]',
    '{"family":"Quillfeather","n":-71.05}',
    '192.168.1.1',
  ),
  fc.string({ maxLength: 12 }),
);
const keys = fc.constantFrom(
  'family',
  'given',
  'city',
  'postalCode',
  'ssn',
  'phone',
  'note',
  'code',
  'display',
  'system',
  'latitude',
  'value',
  'valueString',
  'John Smith',
  '123-45-6789',
  'x"y',
);
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    strings,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(123456789, 5551234567, -71.0589, 1e300, 4111111111111111, true, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** The shape of a value: its types, without its texts and numbers. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value !== null && typeof value === 'object') return Object.values(value).map(shape);
  return value === null ? null : typeof value;
}

test('JSON stays JSON and every value keeps its type, indented or not', () => {
  fc.assert(
    fc.property(values, fc.constantFrom(0, 2), (value, indent) => {
      const redacted: unknown = JSON.parse(redactJson(JSON.stringify(value, null, indent)).text);
      if (!/"(John Smith|123-45-6789)":/.test(JSON.stringify(value)))
        assert.deepEqual(shape(redacted), shape(value));
    }),
    { numRuns: 1000 },
  );
});

test('JSON inside a string inside JSON stays JSON', () => {
  fc.assert(
    fc.property(values, (value) => {
      const inner = JSON.stringify({ family: 'Quillfeather', value });
      const outer = JSON.stringify({ tool_calls: [{ function: { name: 'save', arguments: inner } }] });
      const redacted = JSON.parse(redactJson(outer).text) as {
        tool_calls: [{ function: { arguments: string } }];
      };
      const opened = JSON.parse(redacted.tool_calls[0].function.arguments) as { family: string };
      assert.equal(opened.family, '[NAME]');
    }),
    { numRuns: 500 },
  );
});

test('a redacted JSON text is left alone the second time', () => {
  fc.assert(
    fc.property(values, (value) => {
      const once = redactJson(JSON.stringify(value)).text;
      assert.equal(redactJson(once).text, once);
    }),
    { numRuns: 500 },
  );
});

test('members whose key names an identifier are hidden whole', () => {
  const { text, counts } = redactJson(
    '{"family":"Oddlock","given":["Zanthe","Q"],"city":"Elmford","postalCode":"02139","birthDate":"1957-04-01"}',
  );
  assert.equal(
    text,
    '{"family":"[NAME]","given":["[NAME]","[NAME]"],"city":"[GEO]","postalCode":"021**","birthDate":"[DATE:1957]"}',
  );
  assert.deepEqual(counts, { NAME: 3, GEO: 2, DATE: 1 });
});

test('a number that identifies someone becomes 0 and other numbers stay', () => {
  assert.equal(
    redactJson('{"ssn":123456789,"latitude":-71.05,"dose":25,"n":[5551234567]}').text,
    '{"ssn":0,"latitude":0,"dose":25,"n":[0]}',
  );
});

test('a negative number that identifies someone becomes 0, and a negative result stays', () => {
  assert.equal(
    redactJson('{"n":-5551234567,"ssn": -123456789,"a":[-4111111111111111, -5],"z":-0.4}').text,
    '{"n":0,"ssn": 0,"a":[0, -5],"z":-0.4}',
  );
});

test('the code, display and system of a FHIR coding are left alone', () => {
  const text =
    '{"coding":[{"system":"http://snomed.info/sct","code":"185349003","display":"Parkinson Henry Smith"}]}';
  assert.equal(redactJson(text).text, text);
});

test('a social security number is found even in a coding', () => {
  assert.equal(redactJson('{"code":"123-45-6789"}').text, '{"code":"[SSN]"}');
});

test('escapes are seen through and kept', () => {
  assert.equal(
    redactJson('{"t":"line\\nDr. \\u0051uillfeather\\tleft \\"now\\""}').text,
    '{"t":"line\\nDr. [NAME]\\tleft \\"now\\""}',
  );
});

test('what is not JSON is redacted as text', () => {
  assert.equal(redactJson('call Dr. Quillfeather at 555-123-4567').text, 'call Dr. [NAME] at [PHONE]');
});

test('a string value longer than the window streams through without leaking', () => {
  const redactor = createJsonRedactor();
  let out = '';
  for (let i = 0; i < 200; i++) out += redactor.write(i === 0 ? '{"address":"' : `${i} Oddlock Lane `);
  out += `${redactor.write('"}')}${redactor.end()}`;
  assert.equal(out, '{"address":"[GEO]"}');
});
