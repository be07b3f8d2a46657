import { bigint, integer, snakeCase, text } from 'drizzle-orm/pg-core';
import { PREAMBLE_BYTES_MAX } from '../../../domain/preamble.ts';
import { CAPABILITIES, STAGES } from '../../../domain/vocabulary.ts';
import { areWords, hasOctets, isBetween, isShort, isWord } from './columns.ts';

/** A version of a model and the stage it is in. */
export const modelVersion = snakeCase.table(
  'model_version',
  {
    id: text().primaryKey(),
    model: text().notNull(),
    stage: text({ enum: STAGES }).notNull(),
    deployment: text().notNull(),
    contextTokens: integer().notNull(),
    maxOutputTokens: integer().notNull(),
    // The default is for rows from before versions had capabilities, and for older replicas that write none.
    capabilities: text({ enum: CAPABILITIES })
      .array()
      .notNull()
      .default([...CAPABILITIES]),
    created: bigint({ mode: 'number' }).notNull(),
    /** What the owner has the model read before everything else; confidential, so no list holds it. */
    preamble: text(),
    changedEpoch: bigint({ mode: 'number' }).notNull().default(0),
  },
  (row) => [
    isShort('model_version_id_short', row.id, 128),
    isShort('model_version_model_short', row.model, 128),
    isWord('model_version_stage_word', row.stage, STAGES),
    areWords('model_version_capabilities_words', row.capabilities, CAPABILITIES),
    isShort('model_version_deployment_short', row.deployment, 128),
    isBetween('model_version_context_range', row.contextTokens, [1, 100_000_000]),
    isBetween('model_version_output_range', row.maxOutputTokens, [1, 100_000_000]),
    hasOctets('model_version_preamble_size', row.preamble, [1, PREAMBLE_BYTES_MAX]),
    isBetween('model_version_created_range', row.created, [0, 253_402_300_799]),
  ],
);
