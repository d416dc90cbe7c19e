import { describe, expect, it } from '@jest/globals';
import { unrestricted } from '../authentication/caller.ts';
import { idempotentRequest, type RequestIdentity } from './idempotent-request.ts';

const REQUEST = {
  caller: unrestricted('SK1'),
  method: 'POST',
  url: '/v2/Services',
  headers: { 'idempotency-key': 'once' },
  body: { FriendlyName: 'Support', Tags: ['a', 'b'] },
};
const of = (changes: Partial<RequestIdentity>) => idempotentRequest({ ...REQUEST, ...changes });

describe('An idempotent request', () => {
  it('has a key', () => {
    expect(of({ headers: {} })).toBeNull();
  });

  it.each<[string, Partial<RequestIdentity>]>([
    ['another credential', { caller: unrestricted('SK2') }],
    ['another method', { method: 'DELETE' }],
    ['another path', { url: '/v2/Services/IS1' }],
    ['another key', { headers: { 'idempotency-key': 'twice' } }],
  ])('has another scope or key with %s', (_, changes) => {
    expect(of(changes)?.scopedKey).not.toBe(of({})?.scopedKey);
  });

  it.each<[string, Partial<RequestIdentity>]>([
    ['another value', { body: { ...REQUEST.body, FriendlyName: 'Sales' } }],
    ['another type', { body: { ...REQUEST.body, FriendlyName: 1 } }],
    ['another parameter', { body: { ...REQUEST.body, Other: '' } }],
    ['another order of values', { body: { ...REQUEST.body, Tags: ['b', 'a'] } }],
    ['no body', { body: undefined }],
    ['another query string', { url: '/v2/Services?a=b?' }],
    [
      'a webhook that is called',
      { headers: { 'idempotency-key': 'once', 'x-twilio-webhook-enabled': 'true' } },
    ],
  ])('has another fingerprint in the same scope with %s', (_, changes) => {
    const request = of(changes);
    expect(request?.scopedKey).toBe(of({})?.scopedKey);
    expect(request?.fingerprint).not.toBe(of({})?.fingerprint);
  });

  it.each<[string, Partial<RequestIdentity>]>([
    ['another order of parameters', { body: { Tags: ['a', 'b'], FriendlyName: 'Support' } }],
    ['a quoted key', { headers: { 'idempotency-key': '"once"' } }],
    [
      'a webhook that is explicitly not called',
      { headers: { 'idempotency-key': 'once', 'x-twilio-webhook-enabled': 'False' } },
    ],
  ])('is the same with %s', (_, changes) => {
    expect(of(changes)).toEqual(of({}));
  });

  it('is the same with an empty body and with none', () => {
    expect(of({ body: {} })).toEqual(of({ body: null }));
  });
});
