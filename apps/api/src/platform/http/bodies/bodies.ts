import { isUtf8 } from 'node:buffer';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { RawServerDefault } from 'fastify';
import { invalidParameter } from '#twilio-wire/twilio-error';
import { assertFewFormParameters, assertFewJsonValues } from '../parameters/parameter-limit.ts';

/** U+FFFD as a client writes it on purpose. Decoding also puts it in place of invalid bytes. */
const INTENDED = /%ef%bf%bd|\ufffd/i;

type Form = Record<string, string | string[]>;

/**
 * Registers the parsers of request bodies. A body must be UTF-8: other bytes decode to U+FFFD, so that two different
 * identities could become one.
 *
 * @param bodyLimit most bytes of a body
 */
export function readBodies(app: NestFastifyApplication, bodyLimit: number): void {
  const parseJson = app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error');
  app.useBodyParser<RawServerDefault>('application/json', { bodyLimit }, (request, body, done) => {
    assertFewJsonValues(body);
    void parseJson(request, toText(body), done);
  });
  app.useBodyParser('application/x-www-form-urlencoded', { bodyLimit }, (_, body, done) => {
    assertFewFormParameters(body);
    done(null, parseForm(toText(body)));
  });
}

/**
 * Parameters of a form-encoded body; a repeated parameter is a list.
 *
 * @throws TwilioError where percent-encoded bytes are not UTF-8
 */
export function parseForm(text: string): Form {
  const form = new Map<string, string | string[]>();
  let isIntended: boolean | undefined;
  for (const [name, value] of new URLSearchParams(text)) {
    if (name.includes('\ufffd') || value.includes('\ufffd')) {
      isIntended ??= INTENDED.test(text);
      if (!isIntended) throw notUtf8();
    }
    const before = form.get(name);
    if (before === undefined) form.set(name, value);
    else if (typeof before === 'string') form.set(name, [before, value]);
    else before.push(value);
  }
  if (form.has('__proto__')) throw invalidParameter('__proto__ is not a parameter');
  return Object.fromEntries(form);
}

/** @throws TwilioError where the body is not UTF-8 */
function toText(body: Buffer): string {
  if (!isUtf8(body)) throw notUtf8();
  return body.toString();
}

function notUtf8(): Error {
  return invalidParameter('Request body is not UTF-8');
}
