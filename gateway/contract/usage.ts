import { z } from 'zod';
import { namedTenant } from './admin.ts';

export const askUsage = namedTenant
  .extend({
    from: z.iso.date().optional().describe('first day, UTC; 30 days before `to` when absent'),
    to: z.iso.date().optional().describe('last day, UTC; today when absent'),
  })
  .meta({ id: 'AskUsage' });

const count = z.int();

export const usageList = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    data: z.array(
      z.object({
        day: z.iso.date(),
        model_version: z.string(),
        requests: count,
        tokens_in: count,
        tokens_cached_in: count,
        tokens_out: count,
        tokens_reasoning: count,
      }),
    ),
  })
  .meta({ id: 'UsageList', description: 'By day and model version, as metered.' });
