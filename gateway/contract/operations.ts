import { z } from 'zod';

export const health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

export const readiness = z
  .object({
    status: z.enum(['ready', 'not ready']),
    parts: z.record(z.string(), z.boolean()).describe('Each part by name, and whether it works.'),
  })
  .meta({ id: 'Readiness' });
