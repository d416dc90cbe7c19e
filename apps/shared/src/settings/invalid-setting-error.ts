/** A setting that cannot be used; the message is one line and never holds a secret. */
export class InvalidSettingError extends Error {
  override readonly name = 'InvalidSettingError';
  readonly code = 'SETTINGS.INVALID';
}
