import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createRedactor, detect, redactText } from '../../../gateway/core/redaction/redactor.ts';

const hexOf = (one: string) => one.charCodeAt(0).toString(16);
const each = (text: string, write: (one: string) => string) => [...text].map(write).join('');

const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 for addresses': (text) => Buffer.from(text).toString('base64url'),
  'base64 of base64': (text) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64'),
  'base64 of gzip': (text) => gzipSync(text).toString('base64'),
  hexadecimal: (text) => Buffer.from(text).toString('hex'),
  'hexadecimal in capitals': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'hexadecimal of gzip': (text) => gzipSync(text).toString('hex'),
  'percent encoding': (text) => each(text, (one) => `%${hexOf(one).padStart(2, '0')}`),
  'character references': (text) => each(text, (one) => `&#${one.charCodeAt(0)};`),
  'hexadecimal character references': (text) => each(text, (one) => `&#x${hexOf(one)};`),
  'escapes of two digits': (text) => each(text, (one) => `\\x${hexOf(one).padStart(2, '0')}`),
};

const IDENTIFIERS = ['SSN 123-45-6789', 'emily.quillmoor@example.com', 'Patient: Emily Carter, MRN 00412345'];

for (const [name, encode] of Object.entries(ENCODINGS)) {
  test(`what an encoding hides is hidden whole: ${name}`, () => {
    for (const identifier of IDENTIFIERS) {
      const encoded = encode(identifier);
      const text = `Note: ${encoded} end.`;
      assert.ok(!redacted(text).includes(encoded.slice(4, 16)), identifier);
      assert.deepEqual(streamed(text, 7), redacted(text));
    }
  });
}

const redacted = (text: string) => redactText(text).text;

function streamed(text: string, units: number): string {
  const redactor = createRedactor();
  let out = '';
  for (let at = 0; at < text.length; at += units) out += redactor.write(text.slice(at, at + units));
  return out + redactor.end();
}

test('an identifier in the midst of a long encoded run is hidden, wherever its seams fall', () => {
  for (let before = 0; before < 120; before += 7) {
    const encoded = each(
      `${'a'.repeat(before)} SSN 123-45-6789 ${'b'.repeat(80)}`,
      (one) => `&#${one.charCodeAt(0)};`,
    );
    const kept = redacted(`x ${encoded} y`).replace(/&#(\d+);/g, (_, code: string) =>
      String.fromCharCode(Number(code)),
    );
    assert.doesNotMatch(kept, /45-67/, String(before));
  }
});

const HARMLESS = [
  'sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'trace 3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  `read ${Buffer.from('this is a plain sentence').toString('base64')} aloud`,
  'AT&amp;T said that 5&#37; of 50%20of them rose',
  'HbA1c 7.2%, CD4/CD8 ratio 1.2, HLA-B27 positive, FEV1/FVC 60%',
];

for (const text of HARMLESS) {
  test(`what says nothing of anybody stays: ${text.slice(0, 40)}`, () => {
    assert.deepEqual(detect(text), []);
  });
}

test('alphabets are read two deep and no deeper, and what they cost is bounded', () => {
  let text = 'SSN 123-45-6789';
  for (let depth = 0; depth < 3; depth++) text = Buffer.from(text).toString('base64');
  assert.deepEqual(detect(`x ${text} y`), []);
});
