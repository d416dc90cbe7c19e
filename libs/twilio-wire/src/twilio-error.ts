/** The body of an error, in the shape that Twilio's clients expect. */
interface TwilioErrorBody {
  readonly code: number;
  readonly message: string;
  readonly more_info: string;
  readonly status: number;
}

/** An error that the HTTP layer answers with this status, code and message. */
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

/** 404 in Twilio's words, with the path without the prefix of its API. */
export function notFound(path: string): TwilioError {
  const resource = (path.split('?')[0] ?? path).replace(/^(\/conversations)?\/v[12](?=\/)/, '');
  return new TwilioError(404, 20404, `The requested resource ${resource} was not found`);
}

/** 400 for an invalid parameter; the message begins with its name. */
export function invalidParameter(message: string, code = 20001): TwilioError {
  return new TwilioError(400, code, message);
}

/** 401 for missing or wrong credentials. */
export function unauthenticated(): TwilioError {
  return new TwilioError(401, 20003, 'Authenticate');
}
