import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { invalidParameter, type TwilioError } from './twilio-error.ts';

/** Twilio's own codes of single parameters; the rest is 20001. */
const CODES: Readonly<Record<string, number>> = {
  'Identity.maxCodePoints': 50207,
  'FriendlyName.maxLength': 50003,
  'Attributes.maxLength': 50303,
};

/** Parameters by their classes: unknown ones are ignored, the first that is wrong is named. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    stopAtFirstError: true,
    exceptionFactory: refusal,
  });
}

function refusal(errors: readonly ValidationError[]): TwilioError {
  const error = deepest(errors[0]);
  const [constraint = '', message = 'Invalid parameter'] =
    Object.entries(error?.constraints ?? {})[0] ?? [];
  return invalidParameter(message, CODES[`${error?.property ?? ''}.${constraint}`]);
}

function deepest(error: ValidationError | undefined): ValidationError | undefined {
  return error?.constraints === undefined && error?.children?.[0] !== undefined
    ? deepest(error.children[0])
    : error;
}
