import { mint, type Pass } from '../domain/pass.ts';
import { Phi } from '../domain/phi.ts';
import type { Wish } from './dialect.ts';
import type { Entry } from './entry.ts';
import type { Caller } from './identify.ts';
import type { ModelRequest } from './model-request.ts';

export type Asked = Pass<
  'understood',
  Omit<Wish, 'prompt'> & {
    readonly caller: Caller;
    /** What the body calls the model where the path has named it already. */
    readonly alsoNamed: string | null;
    readonly prompt: Phi<Wish['prompt']>;
    /** The body as parsed from JSON, before the allow-list. */
    readonly body: Phi<object>;
  }
>;

/** What is asked. Throws the problems of a body: `invalid_json`, `unknown_parameter`, `invalid_parameter`. */
export async function understand(entry: Entry, caller: Caller, request: ModelRequest): Promise<Asked> {
  const { named } = request;
  const body = await request.readBody();
  const { prompt, ...wish } = request.dialect(named === undefined ? body : { model: named, ...body });
  entry.note({ streamed: wish.streamed });
  return mint({
    ...wish,
    caller,
    model: named ?? wish.model,
    alsoNamed: named === undefined || wish.model === named ? null : wish.model,
    prompt: new Phi(prompt),
    body: new Phi(body),
  });
}
