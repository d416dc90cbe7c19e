import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  use,
  useEffect,
  useMemo,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import { ReachabilityError } from '#client/changes/index';
import type { Api } from '../api/api.ts';
import { servicePath } from '../api/paths.ts';
import { useApi } from '../session/session.tsx';
import { Answers } from './answers.ts';
import { LiveService, type LiveState } from './live-service.ts';

const Context = createContext<LiveService | null>(null);

/** Follows the changes of a Service while the page is visible: a browser opens few connections to one server. */
export function LiveProvider({
  service,
  children,
}: {
  readonly service: string;
  readonly children: ReactNode;
}) {
  const api = useApi();
  const queries = useQueryClient();
  const live = useMemo(
    () =>
      new LiveService(new Answers(), () => {
        void queries.invalidateQueries({ queryKey: [servicePath(service)] });
      }),
    [queries, service],
  );
  useEffect(() => {
    let following: AbortController | null = null;
    const stop = (): void => {
      following?.abort();
      following = null;
      live.setLive(false);
    };
    const startOrStop = (): void => {
      if (document.visibilityState === 'hidden') stop();
      else if (following === null) {
        following = new AbortController();
        void follow(api, service, live, following.signal);
      }
    };
    startOrStop();
    document.addEventListener('visibilitychange', startOrStop);
    return () => {
      document.removeEventListener('visibilitychange', startOrStop);
      stop();
    };
  }, [api, service, live]);
  return <Context value={live}>{children}</Context>;
}

/** Follows the change feed until it is aborted. Where the service refuses it, pages ask for answers instead. */
async function follow(
  api: Api,
  service: string,
  live: LiveService,
  signal: AbortSignal,
): Promise<void> {
  // After an abort, another one may already follow.
  const onLive = (isLive: boolean): void => {
    if (!signal.aborted) live.setLive(isLive);
  };
  try {
    for await (const event of api.changes(service, { since: live.version, signal, onLive })) {
      live.apply(event);
    }
  } catch (error) {
    if (!(error instanceof ReachabilityError)) throw error;
  }
  onLive(false);
}

/** Returns the live answers of the Service that the page belongs to. */
export function useLive(): LiveService {
  const live = use(Context);
  if (live === null) throw new Error('This page belongs to no Service');
  return live;
}

/** Returns how current the answers are, and follows it. */
export function useLiveState(live: LiveService): LiveState {
  return useSyncExternalStore(live.subscribe, () => live.state);
}
