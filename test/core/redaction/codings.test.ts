import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactJson, redactText } from '../../../gateway/core/redaction/redactor.ts';

const HIDDEN: readonly (readonly [string, string])[] = [
  [
    '{"code":"Patient John Oddlock DOB 3/14/1931 phone 507-284-2511 MRN 1234567 10.0.0.1 4111111111111111"}',
    '{"code":"Patient [NAME] DOB [DATE] phone [PHONE] MRN [MRN] [IP] [ACCOUNT]"}',
  ],
  ['{"system":"x y","code":"507-284-2511"}', '{"system":"x y","code":"[PHONE]"}'],
  ['{"code":"4111111111111111"}', '{"code":"[ACCOUNT]"}'],
  ['{"version":"10.0.0.1"}', '{"version":"[IP]"}'],
  ['{"code":"MRN:1234567"}', '{"code":"MRN:[MRN]"}'],
  [
    '{"code":"1","display":"Asthma, MRN 1234567, seen 3/14/2021"}',
    '{"code":"1","display":"Asthma, MRN [MRN], seen [DATE:2021]"}',
  ],
  ['{"code":"a\\"Patient John Oddlock"}', '{"code":"a\\"Patient [NAME]"}'],
  ['{"code":"\\u0050atient\\u0020John\\u0020Oddlock"}', '{"code":"\\u0050atient\\u0020[NAME]"}'],
];
for (const [json, expected] of HIDDEN) {
  test(`a key of a coding shelters nothing but a code: ${json.slice(0, 50)}`, () => {
    assert.equal(redactJson(json).text, expected);
  });
}

test('a key of a coding with a quote that never closes shelters nothing', () => {
  assert.equal(redactText('say "code": "Patient John Oddlock left').text, 'say "code": "Patient [NAME] left');
});

test('a term too long to be one is text', () => {
  const json = `{"code":"1","display":"${'wheeze '.repeat(40)}John Oddlock"}`;
  assert.ok(!redactJson(json).text.includes('Oddlock'));
});

const CODINGS: readonly string[] = [
  '{"system":"http://snomed.info/sct","code":"185349003","display":"Parkinson Henry Smith"}',
  '{"system":"http://loinc.org","version":"2.77","code":"72166-2","display":"Tobacco smoking status NHIS"}',
  '{"system":"http://snomed.info/sct","version":"http://snomed.info/sct/731000124108/version/20240301","code":"124171000119105"}',
  '{"system":"urn:oid:2.16.840.1.113883.6.96","code":"10811000124105"}',
  '{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR","display":"Medical Record Number"}',
  '{"system":"https://codes.example/fhir/CodeSystem/ward","code":"ICU-2"}',
  '{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueString":"x"}',
];
for (const json of CODINGS) {
  test(`a real coding stays as it is: ${json.slice(0, 70)}`, () => assert.equal(redactJson(json).text, json));
}

const TELLING: readonly string[] = [
  'https://mn.gov/p/123-45-6789/John-Oddlock',
  'https://hospital.va.gov/p/john.oddlock',
  'https://mayoclinic.org/patient/123456',
  'https://fhir.org/Patient/John-Oddlock-1960',
  'https://www.cdc.gov/case/3-14-1931',
  'https://hl7.org/fhir/Patient/5072842511',
  'https://doi.org/10.1000/123456789',
];
for (const address of TELLING) {
  test(`a page of a public host that could tell of a person is hidden: ${address}`, () => {
    assert.equal(redactText(`see ${address} now`).text, 'see [URL] now');
  });
}

test('a system that could tell of a person is hidden', () => {
  const json = '{"system":"https://evil.example/123-45-6789/john.oddlock"}';
  assert.equal(redactJson(json).text, '{"system":"[URL]"}');
});

const PAGES: readonly string[] = [
  'https://www.cdc.gov/flu/index.htm',
  'https://loinc.org/72166-2',
  'https://pubmed.ncbi.nlm.nih.gov/12345678/',
  'https://clinicaltrials.gov/study/NCT01234567',
  'https://www.mayoclinic.org/diseases-conditions/parkinsons-disease/symptoms-causes/syc-20376055',
  'https://www.nejm.org/doi/full/10.1056/NEJMoa2034577',
  'http://hl7.org/fhir/us/core/STU3.1.1/index.html',
];
for (const page of PAGES) {
  test(`a page of a publisher stays: ${page}`, () => {
    assert.equal(redactText(`see ${page} now`).text, `see ${page} now`);
  });
}
