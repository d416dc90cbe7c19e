import type { Type } from '@nestjs/common';
import { invalidParameter } from '../../http/twilio-error.ts';
import { ParametersPipe } from '../../http/validation.pipe.ts';

const pipe = new ParametersPipe();

/**
 * Checks parameters by the class that REST takes them with, so that both doors refuse the same.
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

/**
 * A property of a JSON body, and of objects in it; undefined where there is none. Only what was sent counts:
 * nothing that every object has.
 */
export function field(body: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? Object.getOwnPropertyDescriptor(value, name)?.value
        : undefined,
    body,
  );
}
