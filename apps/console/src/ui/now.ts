import { useSyncExternalStore } from 'react';

const TICK_MS = 5_000;

const listeners = new Set<() => void>();
let now = Date.now();
let timer: number | undefined;

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = window.setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.clearInterval(timer);
  };
}

/** Returns the time in milliseconds, to a few seconds; all components share one timer. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
