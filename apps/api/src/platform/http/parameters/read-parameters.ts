import type { Type } from '@nestjs/common';
import { invalidParameter } from '#twilio-wire/twilio-error';
import { ParametersPipe } from './parameters.pipe.ts';

const pipe = new ParametersPipe();

/**
 * Validates parameters that did not come over REST by the class that REST uses, so that every protocol refuses the
 * same.
 *
 * @throws TwilioError 400
 */
export async function readParameters<Dto extends object>(
  metatype: Type<Dto>,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Dto> {
  const dto = await pipe.transform(parameters, { type: 'body', metatype });
  if (dto instanceof metatype) return dto;
  throw invalidParameter('Invalid parameters');
}
