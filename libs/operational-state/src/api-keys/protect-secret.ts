import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const HASH = 'sha256';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A secret that was read from the store. */
export interface ReadSecret {
  /** To compare a presented secret with; see {@link digestOf}. */
  readonly digest: Buffer;
  /** The secret itself, where it was encrypted; null where only its digest is stored. */
  readonly secret: string | null;
}

/** The secret cannot be read: it was encrypted under another key, belongs to another id, or is damaged. */
export class UnreadableSecretError extends Error {
  override readonly name = 'UnreadableSecretError';
  readonly code = 'API_KEY.UNREADABLE_SECRET';
}

/**
 * Returns the digest of a secret, bound to its id. A fast hash is enough: the secrets are random, 256 bits long and
 * never chosen by people, so nobody can guess one, however fast guesses are. A slow hash would only let a client make
 * the server work.
 */
export function digestOf(secretId: string, secret: string): Buffer {
  return createHash(HASH).update(`${secretId}:${secret}`, 'utf8').digest();
}

/** Returns a secret in a form that only allows to check it. */
export function hashSecret(secretId: string, secret: string): string {
  return `${HASH}:${digestOf(secretId, secret).toString('base64url')}`;
}

/**
 * Returns a secret encrypted with AES-256-GCM, for keys whose secret is needed to verify signatures. It is bound to its
 * id: the ciphertext of another secret in its place is not readable.
 *
 * @param encryptionKey 32 bytes
 */
export function encryptSecret(secretId: string, secret: string, encryptionKey: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, encryptionKey, iv).setAAD(Buffer.from(secretId));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return `${CIPHER}:${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')}`;
}

/**
 * Returns what a stored secret says.
 *
 * @param encryptionKey called only for an encrypted secret
 * @throws UnreadableSecretError
 */
export function readSecret(
  secretId: string,
  protectedSecret: string,
  encryptionKey: () => Buffer,
): ReadSecret {
  const colon = protectedSecret.indexOf(':');
  const bytes = Buffer.from(protectedSecret.slice(colon + 1), 'base64url');
  switch (protectedSecret.slice(0, colon)) {
    case HASH:
      return { digest: bytes, secret: null };
    case CIPHER: {
      const secret = decrypt(secretId, bytes, encryptionKey());
      return { digest: digestOf(secretId, secret), secret };
    }
    default:
      throw new UnreadableSecretError('The secret is protected in an unknown way');
  }
}

function decrypt(secretId: string, bytes: Buffer, encryptionKey: Buffer): string {
  try {
    const decipher = createDecipheriv(CIPHER, encryptionKey, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(secretId))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new UnreadableSecretError('The secret cannot be decrypted', { cause });
  }
}
