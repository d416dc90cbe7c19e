import { describe, expect, it } from '@jest/globals';
import { maskPassword } from './webhook-url.ts';

describe('maskPassword', () => {
  it.each([
    ['https://user:secret@host/a?b=c#d', 'https://user:***@host/a?b=c#d'],
    ['https://:secret@host', 'https://:***@host/'],
    ['https://user:se:cr@t@host:8443/', 'https://user:***@host:8443/'],
    ['HTTPS:\\\\user:secret@host', 'https://user:***@host/'],
    ['https://user:sec\nret@host/', 'https://user:***@host/'],
    ['https://user:se/cret@host/', 'https://***@host/'],
  ])('masks the password in %j', (url, masked) => {
    expect(maskPassword(url)).toBe(masked);
    expect(maskPassword(masked)).toBe(masked);
  });

  it.each(['https://host', 'https://user@host', 'http://host:80/a:b@c', 'https://host?u=a:b@c'])(
    'returns %j as it is',
    (url) => {
      expect(maskPassword(url)).toBe(url);
    },
  );
});
