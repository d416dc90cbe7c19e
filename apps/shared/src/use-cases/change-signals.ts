import type { Position } from '#event-store';

/** Hears of changes by any process. From `onLost` to `onListening` changes are missed. */
export interface ChangeListener<Change> {
  readonly onChange: (change: Change) => void;
  /** Changes are heard from now on: look at what may have changed before. */
  readonly onListening: () => void;
  readonly onLost: () => void;
}

/** Adds a listener. It may get changes of before, and the same change twice. */
export type ChangeSource<Change> = (listener: ChangeListener<Change>) => void;

/** What tells a process of changes that others make to the stores which they share, so that it need not look. */
export interface ChangeSignals {
  /** Positions that the live version of `users` reaches. */
  readonly users: ChangeSource<Position>;
  /** Positions that the live version of `timeline` reaches. */
  readonly timeline: ChangeSource<Position>;
  /** Positions that the live version of `summary` reaches. */
  readonly summary: ChangeSource<Position>;
  /** Webhooks that became due. */
  readonly webhooks: ChangeSource<void>;
  /** Jobs on projections that were queued. */
  readonly jobs: ChangeSource<void>;
}
