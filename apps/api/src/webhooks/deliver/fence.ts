import type { Dispatcher } from 'undici';

type Handler = Dispatcher.DispatchHandler;

/** The request was not sent, because the delivery is no longer this worker's. */
export class NotOwnedError extends Error {
  override readonly name = 'NotOwnedError';
}

/**
 * Returns an interceptor that fails a request with {@link NotOwnedError} instead of sending what is not owned. It asks
 * at the last moment, when the connection is open and the request is written next: the process may have been stopped
 * at any time before, also while it connected.
 */
export function fence(isOwned: () => boolean): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => dispatch(options, fenced(handler, isOwned));
}

function fenced(handler: Handler, isOwned: () => boolean): Handler {
  return {
    onRequestStart: (controller, context) => {
      handler.onRequestStart?.(controller, context);
      if (!isOwned()) controller.abort(new NotOwnedError('The delivery is not owned any more'));
    },
    onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  };
}
