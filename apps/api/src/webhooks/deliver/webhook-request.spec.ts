import { describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import { requestOf } from './webhook-request.ts';

const URL = 'https://example.com/hooks';
const parameters = [['EventType', 'onUserUpdated']] as const;
const delivery = { parameters, idempotencyToken: 'token' };

function headersWith(previous: string | null): Readonly<Record<string, string>> {
  const target = { url: URL, method: 'POST' } as const;
  return requestOf(target, delivery, { current: 'new secret', previous })?.headers ?? {};
}

const isSigned = (secret: string, signature = '') =>
  twilio.validateRequest(secret, signature, URL, Object.fromEntries(parameters));

describe('The request of a webhook', () => {
  it('has one signature outside a rotation', () => {
    const headers = headersWith(null);
    expect(isSigned('new secret', headers['X-Twilio-Signature'])).toBe(true);
    expect(headers).not.toHaveProperty('X-Reachability-Previous-Signature');
  });

  it('has a signature for receivers with the new secret, and one for those with the old', () => {
    const headers = headersWith('old secret');
    expect(isSigned('new secret', headers['X-Twilio-Signature'])).toBe(true);
    expect(isSigned('old secret', headers['X-Twilio-Signature'])).toBe(false);
    expect(isSigned('old secret', headers['X-Reachability-Previous-Signature'])).toBe(true);
  });
});
