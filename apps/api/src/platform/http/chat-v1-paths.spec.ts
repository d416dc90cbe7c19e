import { describe, expect, it } from '@jest/globals';
import { withoutV1 } from './chat-v1-paths.ts';

describe('A path under /v1', () => {
  it.each([
    '/v1/Services',
    '/v1/Services?PageSize=2',
    '/v1/Services/IS1/',
    '/v1/Services/IS1/Users?Page=0',
    '/v1/Services/IS1/Users/a%2Fb@c',
    '/v1/Services/IS1/Users/ann/Channels',
    '/v1/Services/IS1/Roles/RL1',
    '/v1/Services/IS1/Channels',
  ])('stays where chat v1 has its own shape: %s', (url) => {
    expect(withoutV1(url)).toBe(url);
  });

  it.each([
    '/v1/ApiKeys',
    '/v1/Services/IS1/Bindings',
    '/v1/Services/IS1/Reachability/Query',
    '/v1/Services/IS1/Users/ann/Bindings?PageSize=2',
    '/v1/Services/IS1/Users/Channels/Connections',
    '/v1/%53ervices/IS1',
  ])('is one under /v2 elsewhere: %s', (url) => {
    expect(withoutV1(url)).toBe(url.replace('/v1', '/v2'));
  });

  it.each(['/v1', '/v12/Services', '/health/v1/x', '/'])('is not %s', (url) => {
    expect(withoutV1(url)).toBe(url);
  });
});
