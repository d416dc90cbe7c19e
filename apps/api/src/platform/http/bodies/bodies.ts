import { isUtf8 } from 'node:buffer';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { invalidParameter } from '#twilio-wire/twilio-error';
import { ownTurn } from '../../own-turn.ts';
import { assertFewFormParameters, assertFewJsonValues } from '../parameters/parameter-limit.ts';
import { parseForm } from './form.ts';

/** Bytes from which a body is read in steps: each step takes up to 5 ms for a megabyte. */
const LARGE = 256 * 1024;

/**
 * Registers the parsers of request bodies. A body must be UTF-8: other bytes decode to U+FFFD, so that two different
 * identities could become one.
 *
 * @param bodyLimit most bytes of a body
 */
export function readBodies(app: NestFastifyApplication, bodyLimit: number): void {
  const parseJson = app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error');
  const readJson = async (request: FastifyRequest, body: Buffer): Promise<unknown> => {
    assertFewJsonValues(body);
    await pauseIfLarge(body);
    const text = toText(body);
    const parsed = new Promise<unknown>((resolve, reject) => {
      void parseJson(request, text, (error, value: unknown) => {
        if (error === null) resolve(value);
        else reject(error);
      });
    });
    await pauseIfLarge(body);
    return parsed;
  };
  const readForm = async (_: FastifyRequest, body: Buffer): Promise<unknown> => {
    assertFewFormParameters(body);
    await pauseIfLarge(body);
    const form = parseForm(body);
    await pauseIfLarge(body);
    return form;
  };
  app.useBodyParser('application/json', { bodyLimit }, readJson);
  app.useBodyParser('application/x-www-form-urlencoded', { bodyLimit }, readForm);
}

async function pauseIfLarge({ length }: Buffer): Promise<void> {
  if (length > LARGE) await ownTurn();
}

/** @throws TwilioError where the body is not UTF-8 */
function toText(body: Buffer): string {
  if (!isUtf8(body)) throw invalidParameter('Request body is not UTF-8');
  return body.toString();
}
