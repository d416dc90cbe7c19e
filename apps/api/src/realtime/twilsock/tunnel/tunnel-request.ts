import type { HttpRequest } from '../messages.ts';

/** An HTTP request that came through a client's socket. Its host is ignored. */
export interface TunnelRequest {
  readonly method: string;
  readonly path: string;
  /** The first value of each parameter, decoded. */
  readonly params: ReadonlyMap<string, string>;
  /** Id of a change, the same for every attempt. */
  readonly mutationId: string | null;
  readonly body: unknown;
}

export interface TunnelAnswer {
  readonly status: number;
  /** Null for an empty body. */
  readonly body: object | null;
  readonly headers?: Readonly<Record<string, string>>;
}

const MUTATION_HEADER = 'x-twilio-mutation-id';

export function toTunnelRequest(
  { method, path, params = {}, headers = {} }: HttpRequest,
  body: unknown,
): TunnelRequest {
  const mutation = Object.entries(headers).find(([name]) => name.toLowerCase() === MUTATION_HEADER);
  return {
    method,
    path,
    params: new Map(
      Object.entries(params).map(([name, value]) => {
        const first = typeof value === 'string' ? value : (value[0] ?? '');
        return [decoded(name), decoded(first)];
      }),
    ),
    mutationId: typeof mutation?.[1] === 'string' ? mutation[1] : null,
    body,
  };
}

/** Returns text without percent-encoding; unchanged if the encoding is invalid. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
