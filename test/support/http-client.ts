import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

export interface RequestOptions {
  /** A form-encoded body; a list repeats its key. */
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
  readonly json?: unknown;
  /** A raw body; set its Content-Type in `headers`. */
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Credentials in place of the client's own; null sends none. */
  readonly auth?: BasicCredentials | null;
}

/** An HTTP answer. */
export class Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;

  constructor(status: number, headers: IncomingHttpHeaders, text: string) {
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  /** The body, which must be a JSON object. */
  get body(): JsonObject {
    return JSON.parse(this.text) as JsonObject;
  }

  get sid(): string {
    const { sid } = this.body;
    if (typeof sid !== 'string') throw new Error(`No sid in ${this.status} ${this.text}`);
    return sid;
  }
}

/**
 * HTTP client of one server, with Basic credentials. It sends paths byte for byte; a URL would resolve `.` and `..`.
 */
export class HttpClient {
  readonly #origin: URL;
  readonly #credentials: BasicCredentials;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(origin: string, credentials: BasicCredentials) {
    this.#origin = new URL(origin);
    this.#credentials = credentials;
  }

  get(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request('GET', path, options);
  }

  /** @param form a form-encoded body; a body in `options` replaces it */
  post(
    path: string,
    form?: NonNullable<RequestOptions['form']>,
    options: RequestOptions = {},
  ): Promise<Answer> {
    return this.request('POST', path, { ...(form === undefined ? {} : { form }), ...options });
  }

  delete(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request('DELETE', path, options);
  }

  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { body, type } = bodyOf(options);
    const auth = options.auth === undefined ? this.#credentials : options.auth;
    const headers = {
      ...(auth === null ? {} : { authorization: basic(auth) }),
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...options.headers,
    };
    const { hostname, port } = this.#origin;
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        { hostname, port, method, path, headers, agent: this.#agent },
        (incoming) => {
          text(incoming).then(
            (content) => resolve(new Answer(incoming.statusCode ?? 0, incoming.headers, content)),
            reject,
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** Closes the keep-alive connections. */
  disconnect(): void {
    this.#agent.destroy();
  }
}

export function basic({ username, password }: BasicCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function bodyOf({ form, json, raw }: RequestOptions): {
  body?: string | Buffer;
  type?: string;
} {
  if (raw !== undefined) return { body: raw };
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' };
  if (form === undefined) return {};
  const pairs = Object.entries(form).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((item): [string, string] => [name, item]),
  );
  return {
    body: new URLSearchParams(pairs).toString(),
    type: 'application/x-www-form-urlencoded',
  };
}
