import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  use,
  useEffect,
  useMemo,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import { servicePath } from '../api/paths.ts';
import { useApi } from '../session/session.tsx';
import { Answers } from './answers.ts';
import { EventStreamParser } from './event-stream.ts';
import { followChanges } from './follow-changes.ts';
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
    const parser = new EventStreamParser();
    let following: AbortController | null = null;
    const listener = {
      onEvents: live.apply.bind(live),
      onLive: live.setLive.bind(live),
    };
    const path = servicePath(service, 'Reachability', 'Changes');
    const startOrStop = (): void => {
      if (document.visibilityState === 'hidden') {
        following?.abort();
        following = null;
      } else if (following === null) {
        following = new AbortController();
        void followChanges(api, path, parser, listener, following.signal);
      }
    };
    startOrStop();
    document.addEventListener('visibilitychange', startOrStop);
    return () => {
      document.removeEventListener('visibilitychange', startOrStop);
      following?.abort();
    };
  }, [api, service, live]);
  return <Context value={live}>{children}</Context>;
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
