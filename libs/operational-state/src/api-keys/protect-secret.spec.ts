import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  digestOf,
  encryptSecret,
  hashSecret,
  readSecret,
  UnreadableSecretError,
} from './protect-secret.ts';

const KEY = randomBytes(32);
const SECRET = randomBytes(32).toString('base64url');
const withoutKey = (): Buffer => {
  throw new Error('The encryption key is not needed');
};

describe('A stored secret', () => {
  it('is a digest that does not contain the secret, and needs no encryption key', () => {
    const stored = hashSecret('one', SECRET);
    expect(stored).not.toContain(SECRET);
    expect(readSecret('one', stored, withoutKey)).toEqual({
      digest: digestOf('one', SECRET),
      secret: null,
    });
  });

  it('is a ciphertext that gives the secret back', () => {
    const stored = encryptSecret('one', SECRET, KEY);
    expect(stored).not.toContain(SECRET);
    expect(readSecret('one', stored, () => KEY)).toEqual({
      digest: digestOf('one', SECRET),
      secret: SECRET,
    });
  });

  it('is encrypted differently each time', () => {
    expect(encryptSecret('one', SECRET, KEY)).not.toBe(encryptSecret('one', SECRET, KEY));
  });

  it.each([
    ['under another encryption key', 'one', encryptSecret('one', SECRET, randomBytes(32))],
    ['of another id', 'two', encryptSecret('one', SECRET, KEY)],
    ['that was altered', 'one', `${encryptSecret('one', SECRET, KEY).slice(0, -4)}AAAA`],
    ['that was cut off', 'one', encryptSecret('one', SECRET, KEY).slice(0, 30)],
    ['of an unknown form', 'one', SECRET],
  ])('%s is unreadable', (_, id, stored) => {
    expect(() => readSecret(id, stored, () => KEY)).toThrow(UnreadableSecretError);
  });
});
