import { ValidateBy } from 'class-validator';
import { errorMessage } from '#domain';
import { parseDatabaseUrl } from '#postgres/connection-url';

/** Validates the URL of a PostgreSQL database. The message says what is wrong with it, without its password. */
export function IsDatabaseUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isDatabaseUrl',
    validator: {
      validate: (value) => fault(value) === null,
      defaultMessage: (validated) => `$property ${fault(validated?.value) ?? ''}`,
    },
  });
}

function fault(value: unknown): string | null {
  try {
    parseDatabaseUrl(String(value));
    return null;
  } catch (error) {
    return errorMessage(error);
  }
}
