import type { Tracing } from './tracing.ts';

/** Tracing of a process or thread, with the SDK that exports its spans. */
export interface StartedTracing {
  readonly tracing: Tracing;
  /** Exports what is left, for a second or two at most. */
  readonly stop: () => Promise<void>;
}

/** Takes a line about spans that cannot be exported, or an OTEL_* variable that is wrong. */
export type WarnOfTracing = (message: string) => void;
