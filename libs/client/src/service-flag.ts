import type { ReadyFrame, ServiceFrame } from './protocol/server-frames.ts';
import { confirms, type Version } from './protocol/version.ts';

/** Whether reachability is enabled for the Service, by the latest word of the server. */
export class ServiceFlag {
  #isEnabled = false;
  #version: Version | null = null;

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** Takes a frame, and gives whether it changed anything. */
  take(frame: ReadyFrame | ServiceFrame): boolean {
    if (!confirms(frame.version, this.#version)) return false;
    // `ready` may overtake the `service` frame of a switch just before it, whose version is lower.
    if (frame.type === 'service') this.#version = frame.version;
    const changed = frame.reachability_enabled !== this.#isEnabled;
    this.#isEnabled = frame.reachability_enabled;
    return changed;
  }
}
