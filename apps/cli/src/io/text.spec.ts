import { describe, expect, it } from '@jest/globals';
import { printable, yesNo } from './text.ts';

describe('printable', () => {
  it('keeps letters of all scripts, symbols and spaces', () => {
    expect(printable('Zoë 東京 👩‍💻')).toBe('Zoë 東京 👩‍💻');
  });

  it('escapes what changes the direction of text', () => {
    expect(printable('evil\u202egnp.exe \u2067a\u2069')).toBe('evil\\u202egnp.exe \\u2067a\\u2069');
  });

  it('escapes control characters and line separators', () => {
    expect(printable('a\u001b[2J\n\u009b1m\u2028b')).toBe('a\\u001b[2J\\u000a\\u009b1m\\u2028b');
  });
});

describe('yesNo', () => {
  it('distinguishes null from no', () => {
    expect([true, false, null].map(yesNo)).toEqual(['yes', 'no', 'null']);
  });
});
