import type { LiveAnswer } from '../api/schemas.ts';

/** Runs a function later, once; in a browser, with the next frame. */
type Schedule = (run: () => void) => void;

/**
 * The latest known answers about Users, by sid. However many answers arrive, listeners are called once a frame, and only
 * those of Users whose answer changed.
 */
export class Answers {
  readonly #answers = new Map<string, LiveAnswer | 'gone'>();
  /** Users whose answer is not known to be out of date. */
  readonly #fresh = new Set<string>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #changed = new Set<string>();
  readonly #schedule: Schedule;

  constructor(schedule: Schedule = (run) => void requestAnimationFrame(run)) {
    this.#schedule = schedule;
  }

  /** The answer about a User; `gone` if the User was deleted, null if nothing is known. */
  get(sid: string): LiveAnswer | 'gone' | null {
    return this.#answers.get(sid) ?? null;
  }

  /** Takes answers that were asked for, where they are newer than those known. */
  put(answers: readonly LiveAnswer[]): void {
    for (const answer of answers) {
      const { sid, version } = answer;
      this.#fresh.add(sid);
      const known = this.#answers.get(sid);
      if (known !== undefined && known !== 'gone' && !isNewer(version, known.version)) continue;
      this.#set(sid, answer);
    }
  }

  /** Takes a change of any User of a Service. Those who were never shown are left out: there may be a million of them. */
  update(answer: LiveAnswer): void {
    if (this.#isOfInterest(answer.sid)) this.put([answer]);
  }

  /** Takes note that a User was deleted. */
  remove(sid: string): void {
    if (this.#isOfInterest(sid)) this.#set(sid, 'gone');
  }

  /** From now on all answers may be out of date: changes were missed, or one concerns every User. */
  expire(): void {
    this.#fresh.clear();
  }

  /** Returns those Users whose answer has to be asked for. */
  outdated(sids: readonly string[]): readonly string[] {
    return sids.filter((sid) => !this.#fresh.has(sid));
  }

  subscribe(sid: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(sid) ?? new Set();
    this.#listeners.set(sid, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(sid);
    };
  }

  #isOfInterest(sid: string): boolean {
    return this.#answers.has(sid) || this.#listeners.has(sid);
  }

  #set(sid: string, answer: LiveAnswer | 'gone'): void {
    this.#answers.set(sid, answer);
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
