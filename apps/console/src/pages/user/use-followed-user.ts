import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { userPath } from '../../api/paths.ts';
import { useLive } from '../../live/live-context.tsx';
import { useAnswer } from '../../live/use-answer.ts';
import { useQueriedAnswers } from '../../live/use-queried-answers.ts';

/** Reads everything about a User again when its answer changes. */
export function useFollowedUser(service: string, user: string): void {
  const queries = useQueryClient();
  const { answers } = useLive();
  useQueriedAnswers(service, [user]);
  const answer = useAnswer(answers, user);
  const version = answer === 'gone' ? answer : answer?.version;
  useEffect(() => {
    if (version === undefined) return;
    const prefix = userPath(service, user);
    void queries.invalidateQueries({
      predicate: ({ queryKey: [path] }) => typeof path === 'string' && path.startsWith(prefix),
    });
  }, [queries, service, user, version]);
}
