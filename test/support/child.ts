/** Passed on to the processes that tests start, so that they load as quickly as the tests themselves. */
const { PATH, NODE_COMPILE_CACHE } = process.env;

export const childEnvironment = {
  PATH,
  ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
} as const;

export const childFlags: readonly string[] = process.execArgv.filter((flag) => flag === '--liftoff-only');
