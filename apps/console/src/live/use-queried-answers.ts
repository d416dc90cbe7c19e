import { useEffect, useState } from 'react';
import { servicePath } from '../api/paths.ts';
import { queryAnswerSchema } from '../api/schemas.ts';
import { useApi } from '../session/session.tsx';
import type { Answers } from './answers.ts';

/** Time for which the shown Users must stay the same before they are asked about. */
const SETTLE_MS = 120;
const REFRESH_MS = 3_000;

/** Keeps the answers about these Users current, as long as the page is visible. Returns the error of the last request. */
export function useQueriedAnswers(
  service: string,
  answers: Answers,
  sids: readonly string[],
): Error | null {
  const api = useApi();
  const [error, setError] = useState<Error | null>(null);
  const key = sids.join();
  useEffect(() => {
    if (key === '') return;
    const controller = new AbortController();
    const { signal } = controller;
    const ask = async (): Promise<void> => {
      if (document.visibilityState === 'hidden') return;
      const path = servicePath(service, 'Reachability', 'Query');
      const { users } = await api.post(
        path,
        queryAnswerSchema,
        { User: key.split(',') },
        { signal },
      );
      answers.put(users);
    };
    let timer: number;
    const askRepeatedly = (): void => {
      ask()
        .then(
          () => setError(null),
          (cause: unknown) => {
            if (!signal.aborted)
              setError(cause instanceof Error ? cause : new Error(String(cause)));
          },
        )
        .finally(() => {
          if (!signal.aborted) timer = window.setTimeout(askRepeatedly, REFRESH_MS);
        });
    };
    timer = window.setTimeout(askRepeatedly, SETTLE_MS);
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [api, service, answers, key]);
  return error;
}
