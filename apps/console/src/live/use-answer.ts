import { useCallback, useSyncExternalStore } from 'react';
import type { LiveAnswer } from '../api/schemas.ts';
import type { Answers } from './answers.ts';

/** Returns the latest answer about a User, and follows it: `gone` if the User was deleted, null while none is known. */
export function useAnswer(answers: Answers, sid: string): LiveAnswer | 'gone' | null {
  const subscribe = useCallback(
    (listener: () => void) => answers.subscribe(sid, listener),
    [answers, sid],
  );
  return useSyncExternalStore(subscribe, () => answers.get(sid));
}
