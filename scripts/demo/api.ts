/** The account, or an API key and its secret. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A response of the API. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Calls the REST API as a back end does. */
export class Api {
  readonly url: string;
  readonly #authorization: string;

  constructor(url: string, { username, password }: Credentials) {
    this.url = url.replace(/\/+$/, '');
    this.#authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  async call(
    method: string,
    path: string,
    form: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const body = method === 'POST' ? { body: new URLSearchParams(form) } : {};
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: this.#authorization },
      ...body,
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : toObject(JSON.parse(text)) };
  }
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new Error('The answer is not an object');
  return { ...value };
}
