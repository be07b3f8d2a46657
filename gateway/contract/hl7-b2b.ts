import { z } from 'zod';

const text = (max: number) => z.string().min(1).max(max);
const list = (max: number) => z.array(text(max)).max(16).optional();

/**
 * The HL7 B2B authorization extension (HL7 UDAP Security, `hl7-b2b`): on whose behalf, and why. Members that are not
 * named here are dropped.
 */
export const hl7B2b = z
  .object({
    version: z.literal('1').optional(),
    subject_name: text(200).optional(),
    subject_id: text(256).optional(),
    subject_role: text(128).optional(),
    organization_id: text(256).optional(),
    organization_name: text(200).optional(),
    purpose_of_use: list(128),
    consent_policy: list(512),
    consent_reference: list(512),
  })
  .refine((extension) => JSON.stringify(extension).length <= JSON_LENGTH_MAX, 'is longer than 4 KiB')
  .meta({ id: 'Hl7B2b' });

export type Hl7B2b = z.output<typeof hl7B2b>;

const JSON_LENGTH_MAX = 4_096;
