import type { Cancel } from './clock.ts';
import { Deferred } from './deferred.ts';
import { ReachabilityError } from './errors.ts';
import type { FrameChannel } from './frame-channel.ts';
import type { Settings } from './options.ts';
import { byteLength, type ClientFrame, type RequestFrame } from './protocol/client-frames.ts';
import type { AnswerFrame } from './protocol/server-frames.ts';

interface PendingRequest {
  readonly frame: ClientFrame;
  readonly resolve: (answer: AnswerFrame) => void;
  readonly reject: (error: ReachabilityError) => void;
  readonly cancelTimeout: Cancel;
}

/** Requests that wait for an answer. Requests that a lost connection left unanswered are sent again on the next one. */
export class Requests {
  readonly #channel: FrameChannel;
  readonly #settings: Pick<Settings, 'clock' | 'requestTimeoutMs'>;
  readonly #pending = new Map<number, PendingRequest>();
  #endedBy: ReachabilityError | null = null;

  constructor(channel: FrameChannel, settings: Pick<Settings, 'clock' | 'requestTimeoutMs'>) {
    this.#channel = channel;
    this.#settings = settings;
  }

  /**
   * Sends a request and returns what `read` makes of the answer.
   *
   * @throws ReachabilityError of the server, or `invalid` for a request that is too long, `timeout`, `shut_down`
   */
  send<T>(request: RequestFrame, read: (answer: AnswerFrame) => T | undefined): Promise<T> {
    const id = this.#channel.nextId();
    const frame = { ...request, id };
    const deferred = new Deferred<T>();
    const error = this.#endedBy ?? this.#errorIn(request, frame);
    if (error !== null) {
      deferred.reject(error);
      return deferred.promise;
    }
    const { clock, requestTimeoutMs } = this.#settings;
    const timeout = new ReachabilityError('timeout', `No answer to ${request.type} in time`);
    this.#pending.set(id, {
      frame,
      resolve: (answer) => {
        const value = read(answer);
        if (value === undefined) deferred.reject(unexpectedAnswer(request, answer));
        else deferred.resolve(value);
      },
      reject: deferred.reject,
      cancelTimeout: clock.after(requestTimeoutMs, () => this.reject(id, timeout)),
    });
    this.#schedule(id);
    return deferred.promise;
  }

  resolve(answer: AnswerFrame): void {
    this.#take(answer.id)?.resolve(answer);
  }

  reject(id: number, error: ReachabilityError): void {
    this.#take(id)?.reject(error);
  }

  /** Sends unanswered requests again, over a new connection. */
  resend(): void {
    for (const id of this.#pending.keys()) this.#schedule(id);
  }

  /** Rejects pending replacements of the token: the client waits for another token instead of an answer. */
  rejectTokens(error: ReachabilityError): void {
    for (const [id, { frame }] of [...this.#pending]) {
      if (frame.type === 'token') this.reject(id, error);
    }
  }

  /** Rejects all requests, and any later one. */
  end(error: ReachabilityError): void {
    this.#endedBy = error;
    for (const id of [...this.#pending.keys()]) this.reject(id, error);
  }

  /** JavaScript applications may pass values that are not strings. */
  #errorIn(request: RequestFrame, frame: ClientFrame): ReachabilityError | null {
    const { type } = request;
    const values: readonly unknown[] = Object.values(request);
    if (values.some((value) => typeof value !== 'string' || value === '')) {
      return new ReachabilityError('invalid', `All values of a ${type} must be non-empty strings`);
    }
    if (byteLength(JSON.stringify(frame)) > this.#channel.limits.bytes) {
      return new ReachabilityError('invalid', `The ${type} is too long`);
    }
    return null;
  }

  #schedule(id: number): void {
    this.#channel.schedule(() => {
      const pending = this.#pending.get(id);
      if (pending !== undefined) this.#channel.send(this.#withVersion(pending.frame));
    });
  }

  /** A read names the version that it must show, as known when it is sent: each node may be behind another. */
  #withVersion(frame: ClientFrame): ClientFrame {
    const { version } = this.#channel;
    return frame.type === 'get' && version !== null ? { ...frame, version } : frame;
  }

  #take(id: number): PendingRequest | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.cancelTimeout();
    return pending;
  }
}

function unexpectedAnswer({ type }: RequestFrame, answer: AnswerFrame): ReachabilityError {
  return new ReachabilityError('protocol_error', `${answer.type} is not an answer to ${type}`);
}
