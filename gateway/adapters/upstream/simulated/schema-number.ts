type Schema = Readonly<Record<string, unknown>>;

/** The number nearest to 1 that the schema's bounds and `multipleOf` allow, or undefined when there is none. */
export function numberFor(schema: Schema, type: 'integer' | 'number'): number | undefined {
  const step = stepOf(schema, type);
  const range = rangeOf(schema);
  const candidates =
    step === undefined
      ? [1, 0, range.min, range.max, range.min / 2 + range.max / 2, range.min + 1, range.max - 1]
      : [1, range.min, range.max].flatMap((near) => aroundMultiples(near, step));
  return candidates.find((value) => isWithin(value, range));
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly isMinOut: boolean;
  readonly isMaxOut: boolean;
}

function stepOf(schema: Schema, type: 'integer' | 'number'): number | undefined {
  const own = typeof schema.multipleOf === 'number' && schema.multipleOf > 0 ? schema.multipleOf : undefined;
  if (type === 'number') return own;
  return own !== undefined && Number.isInteger(own) ? own : 1;
}

function rangeOf(schema: Schema): Range {
  const min = numberOr(schema.minimum, Number.NEGATIVE_INFINITY);
  const max = numberOr(schema.maximum, Number.POSITIVE_INFINITY);
  const above = numberOr(schema.exclusiveMinimum, Number.NEGATIVE_INFINITY);
  const below = numberOr(schema.exclusiveMaximum, Number.POSITIVE_INFINITY);
  return {
    min: Math.max(min, above),
    max: Math.min(max, below),
    isMinOut: Number.isFinite(above) && above >= min,
    isMaxOut: Number.isFinite(below) && below <= max,
  };
}

function isWithin(value: number, { min, max, isMinOut, isMaxOut }: Range): boolean {
  if (!Number.isFinite(value)) return false;
  return (isMinOut ? value > min : value >= min) && (isMaxOut ? value < max : value <= max);
}

function aroundMultiples(near: number, step: number): readonly number[] {
  const times = Math.floor(near / step);
  return [times, times + 1, times - 1].map((count) => count * step);
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
