import type { RequestContext } from './request-context.ts';

/** The context with sensitivity labels added, which make the data sensitive; nothing is ever taken away. */
export function raiseContext(context: RequestContext, labels: readonly string[]): RequestContext {
  const added = labels.filter((label) => !context.labels.includes(label));
  if (added.length === 0) return context;
  return { ...context, labels: [...context.labels, ...added], dataClass: 'sensitive' };
}
