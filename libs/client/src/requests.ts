import type { Cancel, Clock } from './clock.ts';
import { Deferred } from './deferred.ts';
import { ReachabilityError } from './errors.ts';
import {
  byteLength,
  type ClientFrame,
  type FrameLimits,
  type RequestFrame,
} from './protocol/client-frames.ts';
import type { AnswerFrame } from './protocol/server-frames.ts';

export interface RequestsHost {
  readonly clock: Clock;
  /** Longest to wait for an answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly limits: FrameLimits;
  send(frame: ClientFrame): void;
  /** Does something as soon as a frame may be said. */
  pace(task: () => void): void;
  nextId(): number;
}

interface Pending {
  readonly frame: ClientFrame;
  readonly answer: (frame: AnswerFrame) => void;
  readonly reject: (error: ReachabilityError) => void;
  readonly cancel: Cancel;
}

/** Requests that wait for their answers. What a lost connection left unanswered is asked again on the next one. */
export class Requests {
  readonly #host: RequestsHost;
  readonly #pending = new Map<number, Pending>();
  #over: ReachabilityError | null = null;

  constructor(host: RequestsHost) {
    this.#host = host;
  }

  /**
   * Asks, and gives what `read` makes of the answer.
   *
   * @throws ReachabilityError as the server refuses, or `invalid` for what is too long, `timeout`, `shut_down`
   */
  ask<T>(request: RequestFrame, read: (answer: AnswerFrame) => T | undefined): Promise<T> {
    const id = this.#host.nextId();
    const frame = { ...request, id };
    const deferred = new Deferred<T>();
    if (this.#over !== null) {
      deferred.reject(this.#over);
      return deferred.promise;
    }
    if (
      Object.values(request).some((value: unknown) => typeof value !== 'string' || value === '')
    ) {
      deferred.reject(new ReachabilityError('invalid', `A ${request.type} is all of texts`));
      return deferred.promise;
    }
    if (byteLength(JSON.stringify(frame)) > this.#host.limits.bytes) {
      deferred.reject(new ReachabilityError('invalid', `A ${request.type} as long as that`));
      return deferred.promise;
    }
    const late = new ReachabilityError('timeout', `No answer to ${request.type} in time`);
    this.#pending.set(id, {
      frame,
      answer: (answer) => {
        const value = read(answer);
        if (value === undefined) deferred.reject(unexpected(request, answer));
        else deferred.resolve(value);
      },
      reject: deferred.reject,
      cancel: this.#host.clock.after(this.#host.timeoutMs, () => this.refuse(id, late)),
    });
    this.#say(id);
    return deferred.promise;
  }

  answer(frame: AnswerFrame): void {
    this.#take(frame.id)?.answer(frame);
  }

  refuse(id: number, error: ReachabilityError): void {
    this.#take(id)?.reject(error);
  }

  /** Says again what is not answered. */
  attached(): void {
    for (const id of this.#pending.keys()) this.#say(id);
  }

  /** The token is refused and no other is at hand: nothing that was brought instead will be taken. */
  refuseTokens(error: ReachabilityError): void {
    for (const [id, { frame }] of [...this.#pending]) {
      if (frame.type === 'token') this.refuse(id, error);
    }
  }

  /** Nothing more will be heard. */
  end(error: ReachabilityError): void {
    this.#over = error;
    for (const id of [...this.#pending.keys()]) this.refuse(id, error);
  }

  #say(id: number): void {
    this.#host.pace(() => {
      const pending = this.#pending.get(id);
      if (pending !== undefined) this.#host.send(pending.frame);
    });
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.cancel();
    return pending;
  }
}

function unexpected({ type }: RequestFrame, answer: AnswerFrame): ReachabilityError {
  return new ReachabilityError('protocol_error', `${answer.type} answers no ${type}`);
}
