import type { ProjectionJob } from '#operational-state';

/** Milliseconds between two looks beyond which this process was paused, or could not read the jobs. */
const PAUSE_MS = 5_000;

interface ObservedJob {
  readonly heartbeats: number;
  /** Since when there was no heartbeat, by the monotonic clock of this process. */
  readonly since: number;
}

/**
 * Finds jobs whose runner has died, as lost nodes are found: by its heartbeats alone, measured with the clock of the
 * observer, which starts to count again after a time in which it could not look.
 */
export class SilentJobs {
  /** By sid. */
  #observed: ReadonlyMap<string, ObservedJob> = new Map();
  #lastLookAt = -Infinity;

  /**
   * Returns those of all jobs that have not ended whose runners are silent for too long.
   *
   * @param now milliseconds of a monotonic clock, taken before the jobs were read
   */
  find(active: readonly ProjectionJob[], now: number): ProjectionJob[] {
    const wasPaused = now - this.#lastLookAt > PAUSE_MS;
    this.#lastLookAt = now;
    const running = active.filter(({ status }) => status === 'running');
    const observed = new Map<string, ObservedJob>();
    const silent: ProjectionJob[] = [];
    for (const job of running) {
      const known = this.#observed.get(job.sid);
      const isSame = !wasPaused && known?.heartbeats === job.heartbeats;
      const since = isSame ? known.since : now;
      observed.set(job.sid, { heartbeats: job.heartbeats, since });
      if (now - since >= (job.runner?.silenceMs ?? 0)) silent.push(job);
    }
    this.#observed = observed;
    return silent;
  }
}
