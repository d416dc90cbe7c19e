import {
  assertIdentity,
  ATTRIBUTES_MAX_LENGTH,
  FRIENDLY_NAME_MAX_LENGTH,
  type UserProfile,
} from '#domain';

/** A User as a file describes it. An import keeps the properties that the file leaves out or gives as null. */
export interface ImportedUser {
  readonly identity: string;
  readonly profile: Partial<Pick<UserProfile, 'friendlyName' | 'attributes'>>;
}

/**
 * Returns the User that a record describes, with the names of Twilio's wire (`friendly_name`) or of its helpers
 * (`friendlyName`). Other fields are ignored: sids, roles and dates belong to the service that the User comes from.
 *
 * @throws Error with a sentence for the user of the command line
 */
export function toImportedUser(record: unknown): ImportedUser {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw new Error('Not a JSON object');
  }
  const fields = new Map<string, unknown>(Object.entries(record));
  const identity = fields.get('identity');
  if (typeof identity !== 'string') throw new Error('Missing identity');
  assertIdentity(identity);
  const friendlyName = fields.get('friendly_name') ?? fields.get('friendlyName') ?? undefined;
  const attributes = fields.get('attributes') ?? undefined;
  return {
    identity,
    profile: {
      ...(friendlyName === undefined ? {} : { friendlyName: toFriendlyName(friendlyName) }),
      ...(attributes === undefined ? {} : { attributes: toAttributes(attributes) }),
    },
  };
}

function toFriendlyName(value: unknown): string {
  if (typeof value !== 'string') throw new Error('The friendly name must be a string');
  assertStorable('The friendly name', value, FRIENDLY_NAME_MAX_LENGTH);
  return value;
}

/** Returns attributes as JSON text. A file has them as such text, as Twilio does, or as the JSON value itself. */
function toAttributes(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  assertStorable('The text of the attributes', text, ATTRIBUTES_MAX_LENGTH);
  try {
    JSON.parse(text);
  } catch {
    throw new Error('The attributes must be valid JSON');
  }
  return text;
}

function assertStorable(what: string, text: string, maxLength: number): void {
  if (text.length > maxLength) throw new Error(`${what} must not exceed ${maxLength} characters`);
  if (text.includes('\u0000') || !text.isWellFormed()) {
    throw new Error(`${what} must not contain U+0000 or a lone surrogate`);
  }
}
