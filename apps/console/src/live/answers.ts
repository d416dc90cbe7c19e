import type { LiveAnswer } from '../api/schemas.ts';

/** Runs a function later, once; in a browser, with the next frame. */
type Schedule = (run: () => void) => void;

/**
 * The latest known answers about Users, by sid. However many answers arrive, listeners are called once a frame, and only
 * those of Users whose answer changed.
 */
export class Answers {
  readonly #answers = new Map<string, LiveAnswer>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #changed = new Set<string>();
  readonly #schedule: Schedule;

  constructor(schedule: Schedule = (run) => void requestAnimationFrame(run)) {
    this.#schedule = schedule;
  }

  get(sid: string): LiveAnswer | null {
    return this.#answers.get(sid) ?? null;
  }

  /** Takes answers that are newer than those known. */
  put(answers: readonly LiveAnswer[]): void {
    for (const answer of answers) {
      const known = this.#answers.get(answer.sid);
      if (known !== undefined && !isNewer(answer.version, known.version)) continue;
      this.#answers.set(answer.sid, answer);
      this.#touch(answer.sid);
    }
  }

  /** Forgets all answers, as after the flag of the Service changed: each has to be asked for again. */
  clear(): void {
    for (const sid of this.#answers.keys()) this.#touch(sid);
    this.#answers.clear();
  }

  subscribe(sid: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(sid) ?? new Set();
    this.#listeners.set(sid, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(sid);
    };
  }

  #touch(sid: string): void {
    if (this.#changed.size === 0) this.#schedule(() => this.#notify());
    this.#changed.add(sid);
  }

  #notify(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const sid of changed) {
      for (const listener of this.#listeners.get(sid) ?? []) listener();
    }
  }
}

/** Whether a version is newer than another; one of another epoch always is: the log was replaced. */
function isNewer(version: string, known: string): boolean {
  const [epoch, position = ''] = version.split(':');
  const [knownEpoch, knownPosition = ''] = known.split(':');
  return epoch !== knownEpoch || position > knownPosition;
}
