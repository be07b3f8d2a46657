import { z } from 'zod';
import { CAPABILITIES } from '../domain/vocabulary.ts';

export const model = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    stewardgate: z.object({
      model: z.string(),
      stage: z.string(),
      capabilities: z.array(z.enum(CAPABILITIES)).describe('What this name can be asked for.'),
      max_output_tokens: z.int(),
    }),
  })
  .meta({ id: 'Model' });

export const modelList = z
  .object({ object: z.literal('list'), data: z.array(model) })
  .meta({ id: 'ModelList' });

export type Model = z.output<typeof model>;
