/** A setting is invalid. The message is one line and never contains a secret. */
export class InvalidSettingError extends Error {
  override readonly name = 'InvalidSettingError';
  readonly code = 'SETTINGS.INVALID';
}
