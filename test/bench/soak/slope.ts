export interface Sample {
  /** Streams answered until then. */
  readonly streams: number;
  readonly rssMb: number;
}

/** Least squares: megabytes for each thousand streams. */
export function slopePerThousand(samples: readonly Sample[]): number {
  const mean = (of: (one: Sample) => number) =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const streams = mean((one) => one.streams);
  const rss = mean((one) => one.rssMb);
  const above = samples.reduce((sum, one) => sum + (one.streams - streams) * (one.rssMb - rss), 0);
  const below = samples.reduce((sum, one) => sum + (one.streams - streams) ** 2, 0);
  return below === 0 ? 0 : (above / below) * 1_000;
}
