import { describe, expect, it } from '@jest/globals';
import { visibleText } from './visible-text.ts';

describe('visibleText', () => {
  it('shows what would turn text around', () => {
    expect(visibleText('evil\u202egnp.exe')).toBe('evil\\u202egnp.exe');
    expect(visibleText('\u2066a\u2069\u200f')).toBe('\\u2066a\\u2069\\u200f');
  });

  it('keeps letters of right-to-left scripts, and emoji of several characters', () => {
    expect(visibleText('שלום مرحبا 👩‍💻')).toBe('שלום مرحبا 👩‍💻');
  });

  it('leaves JSON what it was', () => {
    const value = { name: 'a\u202eb' };
    expect(JSON.parse(visibleText(JSON.stringify(value)))).toEqual(value);
  });
});
