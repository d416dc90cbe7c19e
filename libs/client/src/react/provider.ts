import { createContext, createElement, useContext, useEffect, useRef, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { ChatClient } from '../chat-client.ts';
import { openClient, type ClientSource } from './open-client.ts';
import { PresenceStore } from './presence-store.ts';

/** Opens a client of its own, and shuts it down when it is unmounted. */
export interface OwnClientProps extends ClientSource {
  readonly client?: never;
  readonly children?: ReactNode;
}

/** Uses a client of the application, null until it is there, and never shuts it down. */
export interface GivenClientProps {
  readonly client: ChatClient | null;
  readonly children?: ReactNode;
}

export type ReachabilityProviderProps = OwnClientProps | GivenClientProps;

const StoreContext = createContext<PresenceStore | null>(null);

/**
 * Gives the components inside it the presence of Users.
 *
 * Opens one client per `url`; `tokenProvider` may be a new function at each render. For another User of the
 * application, give it another `key`.
 */
export function ReachabilityProvider(props: ReachabilityProviderProps): ReactElement {
  const [store] = useState(() => new PresenceStore());
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const given = props.client;
  const url = given === undefined ? props.url : null;
  useEffect(() => {
    if (given === null) return undefined;
    if (given !== undefined) {
      store.attach(given);
      return () => store.detach();
    }
    const source = sourceOf(() => latest.current);
    if (source === null) return undefined;
    const shutDown = openClient(source, {
      opened: (client) => store.attach(client),
      failed: (error) => store.fail(error),
    });
    return () => {
      store.detach();
      shutDown();
    };
  }, [store, given, url]);
  return createElement(StoreContext.Provider, { value: store }, props.children);
}

/** Returns the store of the provider around a component. @throws Error without one */
export function usePresenceStore(): PresenceStore {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('There is no <ReachabilityProvider> around this component');
  return store;
}

/** The options of a provider's own client, with the token provider of the latest render; null if a client is given. */
function sourceOf(props: () => ReachabilityProviderProps): ClientSource | null {
  const first = props();
  if (first.client !== undefined) return null;
  const { children: _, ...options } = first;
  return {
    ...options,
    tokenProvider: () => {
      const present = props();
      return (present.client === undefined ? present : options).tokenProvider();
    },
  };
}
