declare const passed: unique symbol;

/** A value that only one stage can make: the next stage demands it, so a skipped or forged stage does not compile. */
export type Pass<Stage extends string, T> = T & { readonly [passed]: Stage };

/** Called once in each stage, on its last line. */
export function mint<Stage extends string, T extends object>(value: T): Pass<Stage, T> {
  return Object.freeze(value) as Pass<Stage, T>;
}
