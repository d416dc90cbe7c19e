import { describe, expect, it } from '@jest/globals';
import { maskPasswords } from './mask-passwords.ts';

const URL = 'https://user:secret@example.org/hook';
const MASKED = 'https://user:***@example.org/hook';

describe('Masked passwords', () => {
  it('are those of URLs, at any depth', () => {
    expect(
      maskPasswords({ changes: { postWebhookUrl: URL, nested: [{ laterUrl: URL }] } }),
    ).toEqual({ changes: { postWebhookUrl: MASKED, nested: [{ laterUrl: MASKED }] } });
  });

  it('leave everything else as it is', () => {
    const data = { friendlyName: 'a:b@c', webhookFilters: ['x'], limits: { n: 1 }, url: null };
    expect(maskPasswords(data)).toEqual(data);
  });
});
