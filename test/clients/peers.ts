import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Watches every connection that this process opens, and every name that it looks up. */
export interface PeerWatch extends Disposable {
  /** Where connections went, other than to this machine, and names that were looked up. */
  readonly strangers: ReadonlySet<string>;
}

const HERE = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

export function watchPeers(): PeerWatch {
  const strangers = new Set<string>();
  const onSocket = (message: unknown) => {
    const { socket } = message as { readonly socket: Socket };
    socket.on('lookup', (_error, address, _family, host) => {
      if (!HERE.has(String(address))) strangers.add(host);
    });
    socket.on('connectionAttempt', (address) => {
      if (!HERE.has(address)) strangers.add(address);
    });
  };
  subscribe('net.client.socket', onSocket);
  return { strangers, [Symbol.dispose]: () => void unsubscribe('net.client.socket', onSocket) };
}
