import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { invalidParameter, type TwilioError } from '#twilio-wire/twilio-error';

/** Twilio's codes for single parameters; all others are 20001. */
const CODES: Readonly<Record<string, number>> = {
  'FriendlyName.maxLength': 50003,
  'Attributes.maxLength': 50303,
  'Attributes.json': 50304,
};

/** Most levels of nesting. No parameter is more than a list of values. */
const DEEPEST = 8;

/** Validates parameters by their classes. Unknown parameters are ignored; the error names the first invalid one. */
export class ParametersPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      stopAtFirstError: true,
      exceptionFactory: refusal,
    });
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') assertParameters(value);
    return super.transform(value, metadata);
  }
}

/** Transforming and validating recurse, so a body that is nested a hundred thousand levels deep must not get there. */
function assertParameters(body: unknown): void {
  if (body === undefined) return;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidParameter('Request body must be an object of parameters');
  }
  for (const [name, value] of Object.entries(body)) {
    if (isDeeper(value, DEEPEST)) throw invalidParameter(`${name} is nested too deeply`);
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
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
