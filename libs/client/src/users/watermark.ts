import { isOfSameEpoch, later, type Version } from '../protocol/version.ts';

/** How far the server was heard. */
export class Watermark {
  #version: Version | null = null;
  #since: Version | null = null;

  /** The highest version of any frame about watched Users. */
  get version(): Version | null {
    return this.#version;
  }

  /**
   * Since when Users that are known from before this Connection are to be asked for. It stays behind the version until
   * all of them are answered: frames about others say nothing of what they missed.
   */
  get since(): Version | null {
    return this.#since;
  }

  read(version: Version): void {
    this.#version = later(this.#version, version);
  }

  /** The watch-list up to here was complete: what is asked again is asked since now. */
  mark(): void {
    this.#since = this.#version;
  }

  /** Versions of another store follow. */
  void(): void {
    this.#version = null;
    this.#since = null;
  }

  isOfOtherStoreThan(version: Version): boolean {
    return this.#version !== null && !isOfSameEpoch(this.#version, version);
  }
}
