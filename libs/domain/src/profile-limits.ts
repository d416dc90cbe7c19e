/** Most characters of the friendly name of a Service or a User. */
export const LONGEST_FRIENDLY_NAME = 256;

/** Most characters of a User's attributes, as JSON text. */
export const LONGEST_ATTRIBUTES = 16_384;
