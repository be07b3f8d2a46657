import type { SentKeys } from '../core/replay/sent-key.ts';
import type { SentCredentials } from '../core/tenants/credentials.ts';
import type { SentContext } from '../core/tenants/request-context.ts';
import type { AnyWish, Dialect, Wish } from './dialect.ts';

/** A model request as it stands at the door: nothing in it has been believed yet. */
export interface ModelRequest<W extends AnyWish = Wish> {
  readonly credentials: SentCredentials;
  readonly context: SentContext;
  /** The peer's address, or the one a trusted proxy names. */
  readonly address: string;
  readonly method: string;
  /** As it was sent, without query. */
  readonly path: string;
  /** Reads and decodes the body once. Throws `invalid_json`, `body_too_large` and the other problems of a body. */
  readonly readBody: () => Promise<object>;
  readonly dialect: Dialect<W>;
  /** The model that the path names, where it does: it wins over the body. */
  readonly named: string | undefined;
  /** The route's template: one key on two routes names two requests. */
  readonly route: string;
  /** By what the caller would know the request again. */
  readonly keys: SentKeys;
  /** Fires when the caller has left. */
  readonly gone: AbortSignal;
  /** Fires some seconds after `gone`: what is still owed by the model is no longer waited for. */
  readonly cancel: AbortSignal;
  /** Fires `cancel` at once. */
  readonly giveUp: () => void;
}

/** For stages that do not care what is asked for. */
export type AnyRequest = ModelRequest<AnyWish>;
