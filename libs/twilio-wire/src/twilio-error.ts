/** An error in the shape that Twilio's clients expect. */
export interface TwilioErrorBody {
  readonly code: number;
  readonly message: string;
  readonly more_info: string;
  readonly status: number;
}

/** An answer other than success, thrown anywhere in the HTTP layer. */
export class TwilioError extends Error {
  override readonly name = 'TwilioError';
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  get body(): TwilioErrorBody {
    const { code, message, status } = this;
    return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
  }
}

/** 404 for a path, without the version prefix, as Twilio words it. */
export function notFound(path: string): TwilioError {
  const resource = (path.split('?')[0] ?? path).replace(/^\/v[12](?=\/)/, '');
  return new TwilioError(404, 20404, `The requested resource ${resource} was not found`);
}

/** 400 for a parameter; the message names it. */
export function invalidParameter(message: string, code = 20001): TwilioError {
  return new TwilioError(400, code, message);
}

export function unauthenticated(): TwilioError {
  return new TwilioError(401, 20003, 'Authenticate');
}

/** 405 for a write to what can only be read. */
export function readOnly(what: string): TwilioError {
  return new TwilioError(405, 20004, `${what} are read-only`);
}
