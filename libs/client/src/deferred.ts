/** Returns the promise, whose rejection then never counts as unhandled, which would end a Node process. */
export function ignoreUnhandled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** A promise that is settled from outside. Its rejection never counts as unhandled. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.promise = ignoreUnhandled(promise);
    this.resolve = resolve;
    this.reject = reject;
  }
}
