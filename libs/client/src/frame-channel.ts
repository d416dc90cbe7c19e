import type { Clock } from './clock.ts';
import type { Connection } from './connection/connection.ts';
import { FrameRateLimiter } from './frame-rate-limiter.ts';
import { DEFAULT_LIMITS, type ClientFrame, type FrameLimits } from './protocol/client-frames.ts';
import { later, type Version } from './protocol/version.ts';

/** Sends frames over the present connection, within the limits of the server. */
export class FrameChannel {
  /** Limits of the present server, or of the last one. */
  limits: FrameLimits = DEFAULT_LIMITS;
  /** The highest version that any frame has told, for reads that must not be older; null before the first. */
  version: Version | null = null;
  readonly #connection: Connection;
  readonly #rateLimiter: FrameRateLimiter;
  #lastId = 0;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#rateLimiter = new FrameRateLimiter(clock);
  }

  /** Takes in a version that a frame has told. One of another epoch replaces the known one. */
  learnVersion(version: Version): void {
    this.version = later(this.version, version);
  }

  get isConnected(): boolean {
    return this.#connection.isConnected;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Runs a task that sends one frame as soon as the rate limit allows it. */
  schedule(task: () => void): void {
    this.#rateLimiter.schedule(task);
  }

  /** Sends a frame if connected. */
  send(frame: ClientFrame): void {
    this.#connection.send(frame);
  }

  /** Drops scheduled tasks: each connection starts with the full rate limit. */
  reset(): void {
    this.#rateLimiter.reset();
  }
}
