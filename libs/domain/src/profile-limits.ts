/** Maximum length of the friendly name of a Service or a User. */
export const FRIENDLY_NAME_MAX_LENGTH = 256;

/** Maximum length of a User's attributes as JSON text. */
export const ATTRIBUTES_MAX_LENGTH = 16_384;
