import type { FastifyInstance } from 'fastify';
import { invalidParameter, type TwilioError } from '#twilio-wire/twilio-error';

/**
 * Most parameters and values of one request. Validation takes quadratic time, and everything before it linear time:
 * 90,000 parameters would block the event loop for 6 seconds. A query for 1,000 Users is within the limit.
 */
export const MAX_PARAMETERS = 2_000;

const AMPERSAND = 0x26;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;
/** Most bytes of a JSON document outside strings: numbers, punctuation and white space. */
const MAX_JSON_BYTES = 64 * MAX_PARAMETERS;

/** Refuses requests whose query string has too many parameters. */
export function limitQueryParameters(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ url }, _reply, done) => {
    const mayBeTooMany = url.length > MAX_PARAMETERS;
    done(
      mayBeTooMany && url.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS
        ? tooMany()
        : undefined,
    );
  });
}

/** @throws TwilioError where a form has too many parameters; it is not decoded for that */
export function assertFewFormParameters(form: Buffer): void {
  let parameters = 1;
  for (let at = form.indexOf(AMPERSAND); at !== -1; at = form.indexOf(AMPERSAND, at + 1)) {
    parameters += 1;
    if (parameters > MAX_PARAMETERS) throw tooMany();
  }
}

/** @throws TwilioError where a JSON document, valid or not, has too many values at any depth; it is not parsed for that */
export function assertFewJsonValues(json: Buffer): void {
  let values = 0;
  let bytes = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    bytes += 1;
    if (byte === QUOTE) at = endOfString(json, at);
    else if (byte === COMMA || byte === BRACKET || byte === BRACE) values += 1;
    if (values > MAX_PARAMETERS) throw tooMany();
    if (bytes > MAX_JSON_BYTES) {
      throw invalidParameter(`JSON must have at most ${MAX_JSON_BYTES} bytes outside of strings`);
    }
  }
}

/** The place of the quotation mark that ends the string which begins at `start`; the end of the document without one. */
function endOfString(json: Buffer, start: number): number {
  for (let at = start + 1; at < json.length; at += 1) {
    if (json[at] === QUOTE) return at;
    if (json[at] === BACKSLASH) at += 1;
  }
  return json.length;
}

function tooMany(): TwilioError {
  return invalidParameter(`A request must have at most ${MAX_PARAMETERS} parameters and values`);
}
