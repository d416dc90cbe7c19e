import { useEffect, useState } from 'react';
import { servicePath } from '../api/paths.ts';
import { queryAnswerSchema } from '../api/schemas.ts';
import { useApi } from '../session/session.tsx';
import { useLive, useLiveState } from './live-context.tsx';

/** Time for which the shown Users must stay the same before they are asked about. */
const SETTLE_MS = 120;
/** Without a change feed, answers are asked for again and again. */
const REFRESH_MS = 3_000;
/** A feed tells changes of answers, but not every change of the number of Connections. */
const LIVE_REFRESH_MS = 15_000;

/**
 * Asks for the answers about the Users of a Service that are shown, as long as the page is visible. Returns the error of
 * the last request.
 */
export function useQueriedAnswers(service: string, sids: readonly string[]): Error | null {
  const api = useApi();
  const live = useLive();
  const { isLive, generation } = useLiveState(live);
  const [error, setError] = useState<Error | null>(null);
  const key = sids.join();
  useEffect(() => {
    if (key === '') return;
    const controller = new AbortController();
    const { signal } = controller;
    const ask = async (users: readonly string[]): Promise<void> => {
      if (document.visibilityState === 'hidden' || users.length === 0) return;
      const path = servicePath(service, 'Reachability', 'Query');
      const found = await api.post(path, queryAnswerSchema, { User: users }, { signal });
      live.answers.put(found.users);
    };
    let timer: number;
    const askAndWait = (users: readonly string[]): void => {
      ask(users)
        .then(
          () => setError(null),
          (cause: unknown) => {
            if (!signal.aborted)
              setError(cause instanceof Error ? cause : new Error(String(cause)));
          },
        )
        .finally(() => {
          if (signal.aborted) return;
          const wait = isLive ? LIVE_REFRESH_MS : REFRESH_MS;
          timer = window.setTimeout(() => askAndWait(key.split(',')), wait);
        });
    };
    timer = window.setTimeout(() => askAndWait(live.answers.outdated(key.split(','))), SETTLE_MS);
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [api, service, live, key, isLive, generation]);
  return error;
}
