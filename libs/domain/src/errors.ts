/** Stable code of a rejected command. The REST layer maps it to an HTTP status and Twilio's error code. */
export type DomainErrorCode =
  | 'SERVICE.ALREADY_EXISTS'
  | 'SERVICE.NOT_FOUND'
  | 'ROLE.NOT_FOUND'
  | 'ROLE.TOO_MANY'
  | 'USER.ALREADY_EXISTS'
  | 'USER.NOT_FOUND'
  | 'TOKEN.REVOKED'
  | 'GRANT.INVALID'
  | 'CONNECTION.ALREADY_EXISTS'
  | 'CONNECTION.NOT_FOUND'
  | 'BINDING.NOT_FOUND'
  | 'KEY.ALREADY_EXISTS'
  | 'KEY.NOT_FOUND'
  | 'NODE.INCARNATION_ENDED'
  | 'IDENTITY.EMPTY'
  | 'IDENTITY.TOO_LONG'
  | 'IDENTITY.INVALID_CHARACTER'
  | 'IDENTITY.LOOKS_LIKE_SID';

/** Message of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A command that breaks a rule of the domain. Nothing was written. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: DomainErrorCode;

  constructor(code: DomainErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Base of the errors for an event that this program cannot encode or decode; `code` is stable. */
export abstract class EventError extends Error {
  abstract readonly code: string;
}

/** An event of a type that this program does not know. */
export class UnknownEventTypeError extends EventError {
  override readonly name = 'UnknownEventTypeError';
  readonly code = 'EVENT.UNKNOWN_TYPE';
}

/** An event whose payload does not fit its schema, or whose schema version is newer than this program. */
export class InvalidEventError extends EventError {
  override readonly name = 'InvalidEventError';
  readonly code = 'EVENT.INVALID';
}
