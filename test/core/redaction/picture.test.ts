import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { faultOfPicture } from '../../../gateway/core/redaction/picture.ts';
import { JPEG, jpegSegment, png, pngChunk } from '../../support/pictures.ts';

const PNG = png(4, 4);
const withSegment = (marker: number, body: Uint8Array) =>
  Buffer.concat([JPEG.subarray(0, 2), jpegSegment(marker, body), JPEG.subarray(2)]);
const WORDS = Buffer.from('Patient: Quillan Ashdown');

test('pixels alone pass, with what says how to show them', () => {
  assert.equal(faultOfPicture(PNG, 'image/png'), undefined);
  const shown = [
    pngChunk('gAMA', Buffer.alloc(4)),
    pngChunk('sRGB', Buffer.alloc(1)),
    pngChunk('pHYs', Buffer.alloc(9)),
  ];
  assert.equal(faultOfPicture(png(4_096, 8, shown), 'image/png'), undefined);
  assert.equal(faultOfPicture(JPEG, 'image/jpeg'), undefined);
  const adobe = withSegment(0xee, Buffer.concat([Buffer.from('Adobe'), Buffer.alloc(7)]));
  assert.equal(faultOfPicture(adobe, 'image/jpeg'), undefined);
});

for (const type of ['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME', 'iCCP', 'prVt', 'acTL']) {
  test(`a PNG with more than pixels is refused: ${type}`, () => {
    assert.equal(faultOfPicture(png(4, 4, [pngChunk(type, WORDS)]), 'image/png'), 'image_metadata');
  });
}

for (const [what, marker, body] of [
  ['a comment', 0xfe, WORDS],
  ['EXIF', 0xe1, Buffer.concat([Buffer.from('Exif\0\0'), WORDS])],
  ['a colour profile', 0xe2, WORDS],
  ['Photoshop’s notes', 0xed, WORDS],
  [
    'a second JFIF with a thumbnail',
    0xe0,
    Buffer.concat([Buffer.from('JFIF\0'), Buffer.alloc(7), Buffer.from([1, 1, 0, 0, 0])]),
  ],
  ['words where Adobe’s note would be', 0xee, WORDS],
] as const) {
  test(`a JPEG with more than pixels is refused: ${what}`, () => {
    assert.equal(faultOfPicture(withSegment(marker, body), 'image/jpeg'), 'image_metadata');
  });
}

test('what follows the end of a picture is refused', () => {
  assert.equal(faultOfPicture(Buffer.concat([PNG, WORDS]), 'image/png'), 'image_metadata');
  assert.equal(faultOfPicture(Buffer.concat([JPEG, WORDS]), 'image/jpeg'), 'image_metadata');
});

test('a side of no pixel, or of more than 4,096, is refused', () => {
  for (const [width, height] of [
    [4_097, 1],
    [1, 4_097],
    [0, 1],
    [1, 0],
  ] as const)
    assert.equal(faultOfPicture(png(width, height), 'image/png'), 'image_size');
  const wide = Buffer.from(JPEG);
  const frame = wide.indexOf(Buffer.from([0xff, 0xc0]));
  wide.writeUInt16BE(5_000, frame + 7);
  assert.equal(faultOfPicture(wide, 'image/jpeg'), 'image_size');
});

test('another kind of file is refused, whatever it is called', () => {
  assert.equal(faultOfPicture(JPEG, 'image/png'), 'image_type');
  assert.equal(faultOfPicture(PNG, 'image/jpeg'), 'image_type');
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('GIF89a'),
    Buffer.from('<svg/>'),
    Buffer.from('%PDF-1.7'),
  ])
    for (const type of ['image/png', 'image/jpeg'] as const)
      assert.equal(faultOfPicture(bytes, type), 'image_type');
});

test('a picture that is cut short anywhere, or whose bytes are anything, is refused and no fault', () => {
  for (let end = 0; end < PNG.length; end += 1)
    assert.notEqual(faultOfPicture(PNG.subarray(0, end), 'image/png'), undefined);
  for (let end = 0; end < JPEG.length; end += 1)
    assert.notEqual(faultOfPicture(JPEG.subarray(0, end), 'image/jpeg'), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      assert.notEqual(faultOfPicture(Buffer.concat([PNG.subarray(0, 33), noise]), 'image/png'), undefined);
      assert.notEqual(faultOfPicture(Buffer.concat([JPEG.subarray(0, 2), noise]), 'image/jpeg'), undefined);
    }),
  );
});
