import {
  assertIdentity,
  ATTRIBUTES_MAX_LENGTH,
  FRIENDLY_NAME_MAX_LENGTH,
  type UserProfile,
} from '#domain';

/** A User as a file describes it. What the file leaves out, or gives as null, is left as it is. */
export interface ImportedUser {
  readonly identity: string;
  readonly profile: Partial<Pick<UserProfile, 'friendlyName' | 'attributes'>>;
}

/**
 * Reads one User, by the names of Twilio's wire (`friendly_name`) or of its helpers (`friendlyName`). Whatever else
 * stands there is ignored: sids, roles and dates are of the service that the User comes from.
 *
 * @throws Error with what is wrong
 */
export function toImportedUser(record: unknown): ImportedUser {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw new Error('It is no JSON object');
  }
  const fields = new Map<string, unknown>(Object.entries(record));
  const identity = fields.get('identity');
  if (typeof identity !== 'string') throw new Error('There is no identity');
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
  if (typeof value !== 'string') throw new Error('The friendly name is no text');
  assertStorable('The friendly name', value, FRIENDLY_NAME_MAX_LENGTH);
  return value;
}

/** Attributes as JSON text, which Twilio has them as, or as the JSON itself. */
function toAttributes(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  assertStorable('The text of the attributes', text, ATTRIBUTES_MAX_LENGTH);
  try {
    JSON.parse(text);
  } catch {
    throw new Error('The attributes are no JSON');
  }
  return text;
}

function assertStorable(what: string, text: string, longest: number): void {
  if (text.length > longest) throw new Error(`${what} is longer than ${longest} characters`);
  if (text.includes('\u0000') || !text.isWellFormed()) {
    throw new Error(`${what} contains U+0000 or a lone surrogate`);
  }
}
