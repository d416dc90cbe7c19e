import { isOfSameEpoch, later, type Version } from '../protocol/version.ts';

/** The version up to which the client has received changes. */
export class Watermark {
  #version: Version | null = null;
  #since: Version | null = null;

  /** The highest version of any frame about watched Users. */
  get version(): Version | null {
    return this.#version;
  }

  /**
   * The version since which to ask for changes of outdated Users. It stays behind `version` until all of them are
   * answered, because frames about other Users do not contain the changes that these missed.
   */
  get since(): Version | null {
    return this.#since;
  }

  advance(version: Version): void {
    this.#version = later(this.#version, version);
  }

  /** Moves `since` to `version`. Call it only if the watch-list was complete up to here. */
  mark(): void {
    this.#since = this.#version;
  }

  /** Forgets both versions, for another store. */
  reset(): void {
    this.#version = null;
    this.#since = null;
  }

  isOfOtherEpochThan(version: Version): boolean {
    return this.#version !== null && !isOfSameEpoch(this.#version, version);
  }
}
