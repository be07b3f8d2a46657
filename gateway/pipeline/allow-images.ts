import { IMAGES_MAX } from '../contract/image-url.ts';
import { imagesIn } from '../core/models/chat.ts';
import { Problem } from '../domain/problem.ts';
import type { Grant } from './authorize.ts';
import type { Entry } from './entry.ts';

/**
 * May they show images, where they do: pixels cannot be de-identified, so only where policy grants it and identifiers in
 * text may pass too. Throws `policy_denied` with the reason `images_not_allowed`, or `invalid_parameter` for too many.
 */
export function allowImages(entry: Entry, grant: Grant): Grant {
  const images = imagesIn(grant.asked.prompt.reveal()).length;
  if (images === 0) return grant;
  entry.note({ images });
  const { obligations } = grant.decision;
  if (obligations.images !== 'allow' || obligations.deidentify !== 'pass') {
    entry.note({ decision: 'deny', reasonCode: NOT_ALLOWED });
    throw new Problem('policy_denied', { reasons: [NOT_ALLOWED] });
  }
  if (images > IMAGES_MAX)
    throw new Problem('invalid_parameter', { param: 'messages', reasons: ['image_count'] });
  return grant;
}

const NOT_ALLOWED = 'images_not_allowed';
