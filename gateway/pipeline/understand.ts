import { markingsIn } from '../core/policy/markings.ts';
import { raiseContext } from '../core/tenants/raise-context.ts';
import type { RequestContext } from '../core/tenants/request-context.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Phi } from '../domain/phi.ts';
import type { AnyWish, Wish } from './dialect.ts';
import type { Entry } from './entry.ts';
import type { Caller } from './identify.ts';
import type { ModelRequest } from './model-request.ts';

interface Naming {
  readonly caller: Caller;
  /** The caller's context, with the labels that the text claims for itself. */
  readonly context: RequestContext;
  readonly model: string;
  /** What the body calls the model where the path has named it already. */
  readonly alsoNamed: string | null;
  readonly streamed: boolean;
  /** The body as parsed from JSON, before the allow-list. */
  readonly body: Phi<object>;
}

export type Asked<W extends AnyWish = Wish> = Pass<
  'understood',
  Omit<W, 'prompt'> & Naming & { readonly prompt: Phi<W['prompt']> }
>;

/** For stages that do not care what is asked for. */
export type AnyAsked = Pass<'understood', Naming>;

/** What is asked. Throws the problems of a body: `invalid_json`, `unknown_parameter`, `invalid_parameter`. */
export async function understand<W extends AnyWish>(
  entry: Entry,
  caller: Caller,
  request: ModelRequest<W>,
): Promise<Asked<W>> {
  const { named } = request;
  const body = await request.readBody();
  const wish = request.dialect(named === undefined ? body : { model: named, ...body });
  const { prompt, ...rest } = wish;
  const { streamed } = wish;
  const context = raiseContext(caller.context, markingsIn(prompt, caller.context.dataClass));
  const { labels, dataClass } = context;
  entry.note({ streamed, ...(context === caller.context ? {} : { labels, dataClass, labelsRaised: true }) });
  return mint({
    ...rest,
    caller,
    context,
    streamed,
    model: named ?? wish.model,
    alsoNamed: named === undefined || wish.model === named ? null : wish.model,
    prompt: new Phi<W['prompt']>(prompt),
    body: new Phi(body),
  });
}
