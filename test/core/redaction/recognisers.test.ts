import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detect } from '../../../gateway/core/redaction/redactor.ts';

/** What is found in a text, as `LABEL:words`. */
function found(text: string): string[] {
  return detect(text).map(({ start, end, label }) => `${label}:${text.slice(start, end)}`);
}

const IDENTIFIERS: readonly (readonly [string, readonly string[]])[] = [
  ['Seen by Dr. Quillfeather today.', ['NAME:Quillfeather']],
  ['The patient, Emily R., is well.', ['NAME:Emily R.']],
  ['The patient Tamsin Oddlock reports pain.', ['NAME:Tamsin Oddlock']],
  ['Call Mary-Ann about it.', ['NAME:Mary-Ann']],
  ["Julia O'Brien-Smith came in.", ["NAME:Julia O'Brien-Smith"]],
  ['Zanthe Oddlock, RN, noted it.', ['NAME:Zanthe Oddlock']],
  ['PATIENT: JOHN SMITH', ['NAME:JOHN SMITH']],
  ['Name: Smith, John Q.', ['NAME:Smith, John Q.']],
  ['Zanthe Oddlock is a 54-year-old woman.', ['NAME:Zanthe Oddlock']],
  ['hi sophia , how are you', ['NAME:sophia']],
  ['hello , mr . ward .', ['NAME:ward']],
  ['next is betty hill , uh , date of birth is 2/21/1968', ['NAME:betty hill', 'DATE:2/21/1968']],
  ['so gloria is a 46 -year-old . now gloria , breathe', ['NAME:gloria', 'NAME:gloria']],
  ['admitted to Elm Valley Hospital', ['GEO:Elm Valley Hospital']],
  ["seen at St. Agatha's Clinic", ["GEO:St. Agatha's Clinic"]],
  ["treated at John's Hopkins", ["GEO:John's Hopkins"]],
  [
    "seen at Brigham & Women's and Baylor Scott & White",
    ["GEO:Brigham & Women's", 'GEO:Baylor Scott & White'],
  ],
  ['at Memorial Sloan Kettering, at Georgetown Med', ['GEO:Memorial Sloan Kettering', 'GEO:Georgetown Med']],
  ['at UCLA med center and UW Med', ['GEO:UCLA med center', 'GEO:UW Med']],
  ['at Elm Clinic, California', ['GEO:Elm Clinic, California']],
  ['in the Milwaukee area, from our Newport office', ['GEO:Milwaukee', 'GEO:Newport']],
  ['seen last December, last Thursday', ['DATE:last December', 'DATE:last Thursday']],
  ['lives at 1234 Elm St, Apt 5', ['GEO:1234 Elm St, Apt 5']],
  ['lives in Phoenix', ['GEO:Phoenix']],
  ['from Cedar Rapids, IA 52401', ['GEO:Cedar Rapids, IA', 'GEO:52401']],
  ['write to P.O. Box 123', ['GEO:P.O. Box 123']],
  ['ZIP: 02139', ['GEO:02139']],
  ['on 3/14/2021 and 2021-03-14T09:26:53Z', ['DATE:3/14/2021', 'DATE:2021-03-14T09:26:53Z']],
  ['on March 14th, 2021 and 14 March 2021', ['DATE:March 14th, 2021', 'DATE:14 March 2021']],
  ["from Jan 22, '24 to Mar 2024", ["DATE:Jan 22, '24", 'DATE:Mar 2024']],
  ['seen on 3/14 again', ['DATE:3/14']],
  ['el 14 de marzo de 2021', ['DATE:14 de marzo de 2021']],
  ['dated 20210314', ['DATE:20210314']],
  ['a 92-year-old man; 95 yo; age 101', ['AGE90:92', 'AGE90:95', 'AGE90:101']],
  ['aged 92; aged 95 and well; age of 92', ['AGE90:92', 'AGE90:95', 'AGE90:92']],
  ['a 94 y.o. man; 94 y.o.; 91-y-o; 91 yrs', ['AGE90:94', 'AGE90:94', 'AGE90:91', 'AGE90:91']],
  ['her age was 92 then', ['AGE90:92']],
  ['seen: 91/M, 93/f', ['AGE90:91', 'AGE90:93']],
  ['He is 92. She was 97 and well', ['AGE90:92', 'AGE90:97']],
  ['a ninety-two-year-old; aged ninety', ['AGE90:ninety-two', 'AGE90:ninety']],
  ['a nonagenarian', ['AGE90:nonagenarian']],
  [
    "Mrs. O'Oddlock; Mrs. D'Angelo; Dr. O\u2019Brien left",
    ["NAME:O'Oddlock", "NAME:D'Angelo", 'NAME:O\u2019Brien'],
  ],
  ['Patient M\u00fcller; Jean-Luc Oddlock', ['NAME:M\u00fcller', 'NAME:Jean-Luc Oddlock']],
  ['by John_Oddlock and John.Smith', ['NAME:John_Oddlock', 'NAME:John.Smith']],
  ['Smith, John was in', ['NAME:Smith, John']],
  ['by john.smith', ['NAME:john.smith']],
  ['MR# 1234567, M.R.N. 2345678, MR#: 12345678', ['MRN:1234567', 'MRN:2345678', 'MRN:12345678']],
  ['plate ABC-1234, license plate 7ABC123', ['VEHICLE:ABC-1234', 'VEHICLE:7ABC123']],
  ['DOB: 01021931; 14MAR2021; 14.3.21', ['DATE:01021931', 'DATE:14MAR2021', 'DATE:14.3.21']],
  ['DOB 1931, born in 1929, D.O.B. 010231', ['DATE:1931', 'DATE:1929', 'DATE:010231']],
  ['Mar.14,1931 and 14.Mar.2021', ['DATE:Mar.14,1931', 'DATE:14.Mar.2021']],
  ['Jan/14/2021, 14/Mar/2021', ['DATE:Jan/14/2021', 'DATE:14/Mar/2021']],
  ['507/284-2511 or 507 2842511', ['PHONE:507/284-2511', 'PHONE:507 2842511']],
  ['GB82 WEST 1234 5698 7654 32 is it', ['ACCOUNT:GB82 WEST 1234 5698 7654 32']],
  ['bit.ly/abc, portal.example.co.uk/p?id=1', ['URL:bit.ly/abc', 'URL:portal.example.co.uk/p?id=1']],
  ['phone (555) 123-4567 or 555.123.4567 x12', ['PHONE:(555) 123-4567', 'PHONE:555.123.4567 x12']],
  ['reach +44 20 7946 0958', ['PHONE:+44 20 7946 0958']],
  ['1-800-555-0199', ['PHONE:1-800-555-0199']],
  ['Fax: 555-123-4567', ['FAX:555-123-4567']],
  ['mail quill.feather+x@mail.example.org now', ['EMAIL:quill.feather+x@mail.example.org']],
  ['SSN 123 45 6789 or 123-45-6789', ['SSN:123 45 6789', 'SSN:123-45-6789']],
  ['MRN: AB-123456, MRN 12345-678-90', ['MRN:AB-123456', 'MRN:12345-678-90']],
  ['medical record number 998877', ['MRN:998877']],
  ['insurance policy #XY-654321', ['HPBN:XY-654321']],
  ['Medicare 1EG4-TE5-MK73', ['HPBN:1EG4-TE5-MK73']],
  ['Account Number: 9876543210', ['ACCOUNT:9876543210']],
  ['card 4111 1111 1111 1111', ['ACCOUNT:4111 1111 1111 1111']],
  ['IBAN GB82WEST12345698765432', ['ACCOUNT:GB82WEST12345698765432']],
  ['license no. D1234567', ['LICENSE:D1234567']],
  ['DEA AB1234563', ['LICENSE:AB1234563']],
  ['car 1M8GDM9AXKP042788', ['VEHICLE:1M8GDM9AXKP042788']],
  ['license plate: ABC-1234', ['VEHICLE:ABC-1234']],
  ['pacemaker serial number SN-48213377', ['DEVICE:SN-48213377']],
  ['adapter 00:1A:2B:3C:4D:5E', ['DEVICE:00:1A:2B:3C:4D:5E']],
  ['see https://portal.example.com/p/77?id=1', ['URL:https://portal.example.com/p/77?id=1']],
  ['from 192.168.10.77 and 2001:db8::8a2e:370:7334', ['IP:192.168.10.77', 'IP:2001:db8::8a2e:370:7334']],
  ['fingerprint id 88213345', ['BIOMETRIC:88213345']],
  ['case #JH-998877', ['OTHER_ID:JH-998877']],
  ['"photo": "aGVsbG8gd29ybGQ"', ['PHOTO:aGVsbG8gd29ybGQ']],
];

for (const [text, expected] of IDENTIFIERS) {
  test(`an identifier is found whole: ${text}`, () => assert.deepEqual(found(text), expected));
}

const HARMLESS: readonly string[] = [
  "Crohn's disease, Parkinson disease and Foley catheter placed",
  'Glasgow Coma Scale 15, Wells score of 3, Framingham Risk Score',
  'temp 101F, she is 92 kg, he was 95% then 92, age 90 days, for 95 years, 110/91',
  'sats 92 on air, he is 98.6 warm, ninety days, HSP90F, at the age of 89',
  'born in 1957, section 3.1.20, dose 5.May help, mg.kg/day, b.i.d/prn, e.g. and/or',
  'Parkinson, Alzheimer and Wells; 100 2500000 copies',
  'BP 120/80, strength 5/5, pain 7/10, temp 98.6 F, SpO2 97%',
  'metoprolol 25 mg twice a day for 90 days',
  'a 72-year-old man with a BMI of 32',
  'diagnosed in 2018; the 2023 guidelines',
  'platelets 250000, WBC 12.5, viral load 1000000 copies',
  'COVID-19, CA-125, HbA1c, HLA-B27, T2DM, NCT01234567',
  'ICD-10 E11.9, SNOMED 185349003, LOINC 72166-2',
  'She may march 5 times a week and will improve',
  'Texas and California are states',
  'see https://www.cdc.gov/flu/index.htm',
  'aspirin 81 mg, Plan 5 days of rest',
  'Emergency Department, Wound Care Center, Primary Care Clinic',
  '[NAME] seen on [DATE:2021] at [GEO], 021**, aged 90+ years',
  'version 1.2.3 of the protocol at 10:30',
  'repeat 2-3 times, 100-200 mg, 12-15 weeks',
];

for (const text of HARMLESS) {
  test(`clinical text stays as it is: ${text}`, () => assert.deepEqual(found(text), []));
}

test('a surname seen after a title is known in the rest of the text', () => {
  assert.deepEqual(found('Dr. Quillfeather came. Later Quillfeather left.'), [
    'NAME:Quillfeather',
    'NAME:Quillfeather',
  ]);
});

const EVASIONS: readonly (readonly [string, string, string])[] = [
  ['zero-width characters', '123\u200b-45\u200d-67\u206089', 'SSN'],
  ['full-width digits', '１２３－４５－６７８９', 'SSN'],
  ['Unicode hyphens', '123\u201145\u20136789', 'SSN'],
  ['mathematical digits', '\u{1d7cf}\u{1d7d0}\u{1d7d1}-45-6789', 'SSN'],
  ['Arabic-Indic digits', '٥٣٦-٢٢-٨٧١٨', 'SSN'],
  ['Devanagari digits', '५३६-२२-८७१८', 'SSN'],
  ['circled digits', '⑤③⑥-②②-⑧⑦①⑧', 'SSN'],
  ['white digits on black', '❺❸❻-❷❷-❽❼❶❽', 'SSN'],
  ['digits in brackets', '⑸⑶⑹-⑵⑵-⑻⑺⑴⑻', 'SSN'],
  ['digits with a comma', '🄆🄄🄇-🄃🄃-🄉🄈🄂🄉', 'SSN'],
  ['keys of a telephone', '5\ufe0f\u20e336-22-8718', 'SSN'],
  ['a Hangul filler', '536\u3164-22-8718', 'SSN'],
  ['an Arabic letter mark', '536\u061c-22-8718', 'SSN'],
  ['look-alike letters', 'j\u0430ne.doe@example.com', 'EMAIL'],
  ['combining marks', 'jan\u0065\u0301.doe@example.com', 'EMAIL'],
  ['Arabic-Indic digits', '١٢٣-٤٥-٦٧٨٩', 'SSN'],
  ['extended Arabic-Indic digits', '۱۲۳-۴۵-۶۷۸۹', 'SSN'],
  ['Devanagari digits', '१२३-४५-६७८९', 'SSN'],
  ['digits of a script beyond the first plane', '𑁧𑁨𑁩-𑁪𑁫-𑁬𑁭𑁮𑁯', 'SSN'],
  ['circled digits', '①②③-④⑤-⑥⑦⑧⑨', 'SSN'],
  ['filled circled digits', '❶❷❸-❹❺-❻❼❽❾', 'SSN'],
  ['keycaps', '1\ufe0f\u20e323-45-6789', 'SSN'],
  ['characters without form', '1\u061c2\u115f3\u3164-4\u28005-6\u1ab07\u000889', 'SSN'],
  ['escaped controls', '1\\u000023-45-6789', 'SSN'],
  ['a no-break space', 'Dr.\u00a0Quillfeather', 'NAME'],
  ['JSON escapes', '\\u0031\\u0032\\u0033-45-6789', 'SSN'],
];

for (const [manner, text, label] of EVASIONS) {
  test(`an identifier spelt with ${manner} is found`, () => {
    const spans = detect(text);
    assert.equal(spans.length, 1);
    assert.equal(spans[0]?.label, label);
    assert.equal(spans[0]?.end, text.length);
  });
}

const SSNS: readonly string[] = [
  '123 - 45 - 6789',
  '123-**45**-6789',
  '123_45_6789',
  '123-45-\n6789',
  '123-45\n6789',
  '123-\\n45-\\n6789',
  '123/45/6789',
  '123.45.6789',
];
for (const number of SSNS) {
  test(`a social security number is found whatever joins its groups: ${JSON.stringify(number)}`, () => {
    assert.deepEqual(found(`see ${number} now`), [`SSN:${number}`]);
  });
}

test('a labelled number goes on over the end of a line', () => {
  assert.deepEqual(found('SSN 123-45-\n6789'), ['SSN:123-45-\n6789']);
  assert.deepEqual(found('SSN 123-45\n6789'), ['SSN:123-45\n6789']);
  assert.deepEqual(found('MRN 1234-\n5678'), ['MRN:1234-\n5678']);
  assert.deepEqual(found('phone 507-284-\n2511'), ['PHONE:507-284-\n2511']);
  assert.deepEqual(found('MRN\n1234567'), ['MRN:1234567']);
  assert.deepEqual(found('MRN: 12345\n120/80'), ['MRN:12345']);
});
