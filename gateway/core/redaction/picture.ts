/** Why a picture is not let through. */
export type PictureFault = 'image_type' | 'image_size' | 'image_metadata';

/** The longest side, in pixels. */
const SIDE_MAX = 4_096;

/**
 * What is wrong with a PNG or JPEG file, told from its structure alone: another kind of file or a broken one, a side of
 * more than 4,096 pixels, or anything but pixels and how to show them. Texts, EXIF, thumbnails, profiles, private
 * blocks and whatever follows the end could carry what no scan sees. Undefined when nothing is wrong.
 */
export function faultOfPicture(
  bytes: Uint8Array,
  mediaType: 'image/png' | 'image/jpeg',
): PictureFault | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return mediaType === 'image/png' ? faultOfPng(view) : faultOfJpeg(view);
  } catch (thrown) {
    if (thrown instanceof RangeError) return 'image_type'; // it ends before it is over
    throw thrown;
  }
}

const PNG_SIGNATURE = [0x89504e47, 0x0d0a1a0a] as const;
/** Chunks of pixels and their colours (PNG specification, third edition, section 11); `iCCP` has a name of its own. */
const PNG_CHUNKS: ReadonlySet<string> = new Set(
  'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB bKGD pHYs sBIT'.split(' '),
);

function faultOfPng(view: DataView): PictureFault | undefined {
  if (view.getUint32(0) !== PNG_SIGNATURE[0] || view.getUint32(4) !== PNG_SIGNATURE[1]) return 'image_type';
  if (typeAt(view, 12) !== 'IHDR' || view.getUint32(8) !== 13) return 'image_type';
  if (!isShowable(view.getUint32(16), view.getUint32(20))) return 'image_size';
  let at = 8;
  for (;;) {
    const type = typeAt(view, at + 4);
    if (!PNG_CHUNKS.has(type)) return 'image_metadata';
    at += 12 + view.getUint32(at);
    if (at > view.byteLength) return 'image_type';
    if (type === 'IEND') return at === view.byteLength ? undefined : 'image_metadata';
  }
}

function typeAt(view: DataView, at: number): string {
  return String.fromCharCode(
    view.getUint8(at),
    view.getUint8(at + 1),
    view.getUint8(at + 2),
    view.getUint8(at + 3),
  );
}

function isShowable(width: number, height: number): boolean {
  return width > 0 && height > 0 && width <= SIDE_MAX && height <= SIDE_MAX;
}

const SOI = 0xffd8;
const EOI = 0xffd9;
const SOS = 0xffda;
const APP0 = 0xffe0;
const APP14 = 0xffee;
/** Frames: baseline, extended and progressive. */
const FRAMES: readonly number[] = [0xffc0, 0xffc1, 0xffc2];
/** Huffman and quantisation tables, restart interval. */
const TABLES: readonly number[] = [0xffc4, 0xffdb, 0xffdd];

function faultOfJpeg(view: DataView): PictureFault | undefined {
  if (view.getUint16(0) !== SOI) return 'image_type';
  let hasFrame = false;
  let at = 2;
  for (;;) {
    const marker = view.getUint16(at);
    if (marker === EOI)
      return hasFrame ? (at + 2 === view.byteLength ? undefined : 'image_metadata') : 'image_type';
    const length = view.getUint16(at + 2);
    if (FRAMES.includes(marker)) {
      if (!isShowable(view.getUint16(at + 7), view.getUint16(at + 5))) return 'image_size';
      hasFrame = true;
    } else if (
      !TABLES.includes(marker) &&
      marker !== SOS &&
      !isPlainApplication(view, { at, marker, length })
    )
      return marker >= 0xffe0 && marker <= 0xfffe ? 'image_metadata' : 'image_type';
    at += 2 + length;
    if (length < 2 || at > view.byteLength) return 'image_type';
    if (marker === SOS) at = endOfScan(view, at);
  }
}

/** JFIF without a thumbnail, and Adobe's note on how colours are coded; both say nothing else. */
function isPlainApplication(
  view: DataView,
  segment: { at: number; marker: number; length: number },
): boolean {
  const { at, marker, length } = segment;
  if (marker === APP0)
    return length === 16 && typeAt(view, at + 4) === 'JFIF' && view.getUint16(at + 16) === 0;
  return marker === APP14 && length === 14 && typeAt(view, at + 4) === 'Adob';
}

/** Where the next marker stands after coded pixels: a stuffed zero and the restarts belong to these. */
function endOfScan(view: DataView, from: number): number {
  for (let at = from; ; at += 1) {
    if (view.getUint8(at) !== 0xff) continue;
    const code = view.getUint8(at + 1);
    if (code !== 0 && code !== 0xff && (code < 0xd0 || code > 0xd7)) return at;
  }
}
