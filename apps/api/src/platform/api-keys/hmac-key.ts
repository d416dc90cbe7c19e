import { createSecretKey, type webcrypto } from 'node:crypto';

/** A key of WebCrypto that signs and verifies with HMAC-SHA256. */
export type HmacKey = webcrypto.CryptoKey;

/** Returns a secret as a key of WebCrypto. Converting it at each use would be half the cost of a verification. */
export function toHmacKey(secret: string): HmacKey {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return createSecretKey(secret, 'utf8').toCryptoKey(algorithm, false, ['sign', 'verify']);
}
