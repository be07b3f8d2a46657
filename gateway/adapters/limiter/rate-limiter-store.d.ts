/** The package's base class for stores: its README names it for that, its index does not export it. */
declare module 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js' {
  import type { RateLimiterStoreAbstract } from 'rate-limiter-flexible';

  const Base: typeof RateLimiterStoreAbstract;
  export = Base;
}
