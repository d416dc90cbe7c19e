/** Frames of one client: so many at once, and so many a second from then on. */
export class FrameRate {
  readonly #intervalMs: number;
  readonly #slackMs: number;

  constructor(perSecond: number, burst: number) {
    this.#intervalMs = 1_000 / perSecond;
    this.#slackMs = (burst - 1) * this.#intervalMs;
  }

  /**
   * Takes a frame that comes now, or answers null where it is too many. All that is to be kept of a client is one
   * number, 0 to begin with: when its next frame would be due if it sent them evenly.
   */
  take(due: number, nowMs: number): number | null {
    const earliest = Math.max(due, nowMs);
    return earliest - nowMs > this.#slackMs ? null : earliest + this.#intervalMs;
  }
}
