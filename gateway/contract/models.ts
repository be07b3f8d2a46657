import { z } from 'zod';

export const model = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    stewardgate: z.object({ model: z.string(), stage: z.string(), max_output_tokens: z.int() }),
  })
  .meta({ id: 'Model' });

export const modelList = z
  .object({ object: z.literal('list'), data: z.array(model) })
  .meta({ id: 'ModelList' });

export type Model = z.output<typeof model>;
