import { z } from 'zod';
import { Problem } from '../domain/problem.ts';

/** An image inside a request: the gateway fetches nothing. */
export interface InlineImage {
  readonly mediaType: 'image/png' | 'image/jpeg';
  /** In base64 (RFC 4648 section 4), at most 3 MiB when decoded. */
  readonly base64: string;
}

/** Decoded, of one image. */
export const IMAGE_BYTES_MAX = 3 * 1024 * 1024;
/** Of one request. */
export const IMAGES_MAX = 4;

const BASE64_CHARS_MAX = Math.ceil(IMAGE_BYTES_MAX / 3) * 4;

/** A `data:` URL; what it holds is told by `readImageUrl`. */
export const imageUrl = z
  .string()
  .max(BASE64_CHARS_MAX + 32)
  .regex(/^[dD][aA][tT][aA]:/)
  .describe('`data:image/png;base64,…` or `data:image/jpeg;base64,…`; remote URLs are refused.');

export const imageDetail = z.enum(['auto', 'low', 'high']);

/** The image in a `data:` URL. Throws `invalid_parameter` for another kind of data, or what is no base64. */
export function readImageUrl(url: string, param: string): InlineImage {
  const [, mediaType, base64] = DATA_URL.exec(url) ?? [];
  const isWhole = base64 !== undefined && base64.length % 4 === 0;
  if (!isWhole || (mediaType !== 'image/png' && mediaType !== 'image/jpeg'))
    throw new Problem('invalid_parameter', { param, reasons: ['image_type'] });
  return { mediaType, base64 };
}

const DATA_URL = /^data:(image\/(?:png|jpeg));base64,([A-Za-z0-9+/]+={0,2})$/;
