import type { Report } from './emitter.ts';

const host: object & { readonly reportError?: Report } = globalThis;

/** Where errors of listeners go by default: the browser's handling of uncaught errors, or the console. */
export const reportListenerError: Report = (error) => {
  if (host.reportError !== undefined) {
    host.reportError(error);
    return;
  }
  // eslint-disable-next-line no-console -- throwing would end a Node process that may serve many others
  console.error('A listener of @reachability/client failed:', error);
};
