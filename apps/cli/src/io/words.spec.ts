import { describe, expect, it } from '@jest/globals';
import { printable, yesNo } from './words.ts';

describe('printable', () => {
  it('leaves letters of every script, signs and spaces as they are', () => {
    expect(printable('Zoë 東京 👩‍💻')).toBe('Zoë 東京 👩‍💻');
  });

  it('escapes what a terminal would obey or take for another line', () => {
    expect(printable('a\u001b[2J\n\u009b1m\u2028b')).toBe('a\\u001b[2J\\u000a\\u009b1m\\u2028b');
  });
});

describe('yesNo', () => {
  it('tells no answer from no', () => {
    expect([true, false, null].map(yesNo)).toEqual(['yes', 'no', 'null']);
  });
});
