import { array, object, parse, safeParse, type BaseIssue, type BaseSchema } from 'valibot';
import { changes, type FeedEvent } from '#client/changes/index';
import { ApiError } from './api-error.ts';
import { ReadModelStatus } from './read-model-status.ts';
import { errorSchema, metaSchema } from './schemas.ts';

type Schema<T> = BaseSchema<unknown, T, BaseIssue<unknown>>;

/** Parameters of a request; a list repeats its name, and undefined leaves it out. */
export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A page of a list. `next` has the parameters of the next page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface Credentials {
  readonly sid: string;
  readonly secret: string;
}

interface Options {
  readonly signal?: AbortSignal | undefined;
}

interface FollowOptions {
  /** The version after which to go on; null to begin now. */
  readonly since: string | null;
  readonly signal: AbortSignal;
  /** Called when the connection is made or lost. */
  readonly onLive: (isLive: boolean) => void;
}

/** The public API, called with the credentials of who signed in. It holds the only copy of the secret. */
export class Api {
  /** Sid of the account or API key. */
  readonly sid: string;
  readonly readModel = new ReadModelStatus();
  /** Called when the credentials are no longer valid. */
  onUnauthenticated: () => void = () => undefined;
  readonly #url: string;
  readonly #secret: string;
  readonly #authorization: string;

  /** @param url address of the service, with a slash at its end */
  constructor(url: string, { sid, secret }: Credentials) {
    this.sid = sid;
    this.#url = url;
    this.#secret = secret;
    const bytes = new TextEncoder().encode(`${sid}:${secret}`);
    this.#authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  }

  /** @throws ApiError, or TypeError where the service cannot be reached */
  async get<T>(
    path: string,
    schema: Schema<T>,
    parameters: Parameters = {},
    options: Options = {},
  ): Promise<T> {
    const response = await this.send('GET', withQuery(path, parameters), options);
    return parse(schema, await response.json());
  }

  /** @throws ApiError, or TypeError where the service cannot be reached */
  async post<T>(
    path: string,
    schema: Schema<T>,
    form: Parameters,
    options: Options = {},
  ): Promise<T> {
    const response = await this.send('POST', path, { ...options, body: toForm(form) });
    return parse(schema, await response.json());
  }

  /** @throws ApiError, or TypeError where the service cannot be reached */
  async delete(path: string): Promise<void> {
    await this.send('DELETE', path);
  }

  /**
   * Returns a page of a list.
   *
   * @param next of the page before; null for the first page
   * @throws ApiError, or TypeError where the service cannot be reached
   */
  async page<T>(
    path: string,
    key: string,
    schema: Schema<T>,
    parameters: Parameters,
    next: string | null,
    options: Options = {},
  ): Promise<Page<T>> {
    const query = next === null ? withQuery(path, parameters) : path + next;
    const response = await this.send('GET', query, options);
    const body: unknown = await response.json();
    const { meta } = parse(object({ meta: metaSchema }), body);
    const items = parse(object({ [key]: array(schema) }), body)[key] ?? [];
    // The address in the link is the public one, which may differ from the one that this page was loaded from.
    const link = meta.next_page_url;
    return { items, next: link === null ? null : new URL(link).search };
  }

  /**
   * Yields every change of a Service as it happens, until it is aborted or the service refuses it.
   *
   * @throws ReachabilityError where the service refuses it for good
   */
  changes(
    serviceSid: string,
    { since, signal, onLive }: FollowOptions,
  ): AsyncGenerator<FeedEvent, void> {
    return changes({
      url: this.#url,
      username: this.sid,
      password: this.#secret,
      serviceSid,
      signal,
      ...(since === null ? {} : { since }),
      onConnectionError: () => onLive(false),
      fetch: async (input, init) => {
        onLive(false);
        const response = await fetch(input, { ...init, credentials: 'omit' });
        onLive(response.ok);
        return response;
      },
    });
  }

  /**
   * Sends a request and returns its answer, whose status is 2xx.
   *
   * @throws ApiError, or TypeError where the service cannot be reached
   */
  async send(
    method: string,
    path: string,
    { signal, body }: Options & { readonly body?: URLSearchParams } = {},
  ): Promise<Response> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { Authorization: this.#authorization, Accept: 'application/json' },
      // Without credentials of its own the browser asks nobody for a password after a 401.
      credentials: 'omit',
      cache: 'no-store',
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    this.readModel.observe(response.headers);
    if (response.ok) return response;
    if (response.status === 401) this.onUnauthenticated();
    throw await toError(response);
  }
}

async function toError(response: Response): Promise<ApiError> {
  const text = await response.text();
  const { output, success } = safeParse(errorSchema, parseJson(text));
  if (!success)
    return new ApiError(response.status, null, `The service answered ${response.status}`);
  return new ApiError(response.status, output.code ?? null, output.message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy in front of the service answers with a page.
    return null;
  }
}

function toForm(parameters: Parameters): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    for (const item of typeof value === 'string' ? [value] : value) form.append(name, item);
  }
  return form;
}

/** Returns a path with its query. */
export function withQuery(path: string, parameters: Parameters): string {
  const query = toForm(parameters).toString();
  return query === '' ? path : `${path}?${query}`;
}
