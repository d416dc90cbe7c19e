import type { ChatClient } from '../chat-client.ts';
import type { ConnectionStateName } from '../connection/state.ts';
import type { ReachabilityError } from '../errors.ts';

/** The client of a provider and the state of its connection. The same object as long as nothing changes. */
export interface ReachabilityConnection {
  /** Null until it has connected for the first time. */
  readonly client: ChatClient | null;
  readonly state: ConnectionStateName;
  /** Whether reachability is enabled for the Service; null until that is known. */
  readonly isReachabilityEnabled: boolean | null;
  /** The error of the last attempt; null while connected. */
  readonly error: ReachabilityError | null;
}

export const CONNECTING: ReachabilityConnection = {
  client: null,
  state: 'connecting',
  isReachabilityEnabled: null,
  error: null,
};

/** Returns what a client shows, and calls the listener with each change of it. */
export function followConnection(
  client: ChatClient,
  onChange: (connection: ReachabilityConnection) => void,
): () => void {
  let error: ReachabilityError | null = null;
  const tell = (): void => {
    const state = client.connectionState;
    if (state === 'connected') error = null;
    onChange({ client, state, isReachabilityEnabled: client.isReachabilityEnabled, error });
  };
  const note = (latest: ReachabilityError): void => {
    error = latest;
    tell();
  };
  client.on('connectionStateChanged', tell).on('reachabilityChanged', tell);
  client.on('connectionError', note);
  tell();
  return () => {
    client.off('connectionStateChanged', tell).off('reachabilityChanged', tell);
    client.off('connectionError', note);
  };
}
