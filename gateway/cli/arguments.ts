import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { modelId, shownName } from '../contract/admin.ts';

/** Parsers of what is typed after a verb. Each throws InvalidArgumentError, so that the verb ends as usage. */
type Parser<T> = (text: string) => T;

export function wholeNumber(min: number, max: number): Parser<number> {
  const schema = z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
  return typed(schema, `It must be a whole number from ${min} to ${max}.`);
}

/** How long a key may live, as the admin plane has it. */
export const keyDays = wholeNumber(1, 365);

/** How long a key works on beside the one that replaces it, as the admin plane has it. */
export const overlapDays = wholeNumber(0, 30);

export const tokenCount = wholeNumber(1, 100_000_000);

export const modelName = typed(
  modelId,
  'It must be 1 to 128 letters, digits, dots, dashes or underscores, the first a letter or digit.',
);

export const deploymentName = typed(
  z.string().regex(/^[\x21-\x7e]{1,128}$/),
  'It must be 1 to 128 printable characters without spaces.',
);

export const personName = typed(
  shownName,
  'It must be 1 to 200 characters, none of them a control character.',
);

export const gatewayUrl = typed(
  z.url({ protocol: /^https?$/ }).max(2_048),
  'It must be an http or https URL.',
);

/** The text itself, once a schema of the contract has accepted it. */
export function asIn(schema: z.ZodType): Parser<string> {
  return (text) => {
    if (text.length > TEXT_MAX || !schema.safeParse(text).success)
      throw new InvalidArgumentError('It is not of the form that this takes.');
    return text;
  };
}

const TEXT_MAX = 2_048;

function typed<S extends z.ZodType>(schema: S, form: string): Parser<z.output<S>> {
  return (text) => {
    const parsed = schema.safeParse(text);
    if (!parsed.success) throw new InvalidArgumentError(form);
    return parsed.data;
  };
}
