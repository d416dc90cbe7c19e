import { describe, expect, it } from '@jest/globals';
import { assertFewFormParameters, assertFewJsonValues, MAX_PARAMETERS } from './parameter-limit.ts';

const MESSAGE = `A request must have at most ${MAX_PARAMETERS} parameters and values`;
const list = (length: number, text: string) => Array<string>(length).fill(text).join(',');
const form = (parameters: number) => () =>
  assertFewFormParameters(Buffer.from(Array<string>(parameters).fill('a=1').join('&')));
const json = (text: string) => () => assertFewJsonValues(Buffer.from(text));

describe('The limit of parameters', () => {
  it('applies to forms', () => {
    expect(form(MAX_PARAMETERS)).not.toThrow();
    expect(form(MAX_PARAMETERS + 1)).toThrow(MESSAGE);
  });

  it.each([
    ['keys', `{${list(MAX_PARAMETERS, '"a":1')}}`, `{${list(MAX_PARAMETERS + 1, '"a":1')}}`],
    ['values of a list', `[${list(MAX_PARAMETERS, '1')}]`, `[${list(MAX_PARAMETERS + 1, '1')}]`],
    ['levels', '['.repeat(MAX_PARAMETERS), '['.repeat(MAX_PARAMETERS + 1)],
    [
      'values at any depth',
      `{"a":[${list(MAX_PARAMETERS - 1, '"b"')}]}`,
      `{"a":[${list(MAX_PARAMETERS, '{}')}]}`,
    ],
  ])('applies to JSON: %s', (_, most, more) => {
    expect(json(most)).not.toThrow();
    expect(json(more)).toThrow(MESSAGE);
  });

  it('does not count the content of strings', () => {
    const text = ',[{"\\'.repeat(MAX_PARAMETERS);
    expect(json(JSON.stringify({ [text]: text, b: [text] }))).not.toThrow();
  });

  it.each([' ', '1', ']'])('applies to the bytes outside of strings: %j', (byte) => {
    const strings = `"${'x'.repeat(1_000_000)}"`;
    expect(json(`${strings}${byte.repeat(127_000)}`)).not.toThrow();
    expect(json(`${strings}${byte.repeat(128_001)}`)).toThrow('at most 128000 bytes outside');
  });

  it('ends at a string without an end', () => {
    expect(json('{"a')).not.toThrow();
    expect(json('{"a\\')).not.toThrow();
  });
});
