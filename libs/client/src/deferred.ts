/** Lets a promise be rejected without ending the process where its owner never looks at it. */
export function unattended<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** A promise that is settled from outside, and may go unattended. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.promise = unattended(promise);
    this.resolve = resolve;
    this.reject = reject;
  }
}
