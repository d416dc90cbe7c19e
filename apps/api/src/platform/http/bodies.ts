import { isUtf8 } from 'node:buffer';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { RawServerDefault } from 'fastify';
import { invalidParameter } from '#twilio-wire/twilio-error';

/** What U+FFFD, which decoding puts where there is no character, looks like where somebody means it. */
const MEANT = /%ef%bf%bd|\ufffd/i;

type Form = Record<string, string | string[]>;

/**
 * Reads bodies, which must be UTF-8: of anything else, two texts could come out as one, and one User's identity as
 * that of another.
 *
 * @param bodyLimit most bytes of a body
 */
export function readBodies(app: NestFastifyApplication, bodyLimit: number): void {
  const parseJson = app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error');
  app.useBodyParser<RawServerDefault>(
    'application/json',
    { bodyLimit },
    (request, body, done) => void parseJson(request, toText(body), done),
  );
  app.useBodyParser('application/x-www-form-urlencoded', { bodyLimit }, (_, body, done) =>
    done(null, parseForm(toText(body))),
  );
}

/**
 * Parameters of a form-encoded body; one that is repeated is a list.
 *
 * @throws TwilioError where what is percent-encoded is no UTF-8
 */
export function parseForm(text: string): Form {
  const form = new Map<string, string | string[]>();
  const isMeant = MEANT.test(text);
  for (const [name, value] of new URLSearchParams(text)) {
    if (!isMeant && `${name}${value}`.includes('\ufffd')) throw notUtf8();
    const before = form.get(name);
    if (before === undefined) form.set(name, value);
    else if (typeof before === 'string') form.set(name, [before, value]);
    else before.push(value);
  }
  if (form.has('__proto__')) throw invalidParameter('__proto__ is no parameter');
  return Object.fromEntries(form);
}

/** @throws TwilioError where it is no UTF-8 */
function toText(body: Buffer): string {
  if (!isUtf8(body)) throw notUtf8();
  return body.toString();
}

function notUtf8(): Error {
  return invalidParameter('Request body is not UTF-8');
}
