import { describe, expect, it } from '@jest/globals';
import { beginsLike, findDifference, isTextLike } from '../../support/docs/expected-output.ts';
import { indentedBlocksOf, snippetsOf } from '../../support/docs/snippets.ts';

const SID = `US${'0a'.repeat(16)}`;

describe('The comparison of an output with that of a page', () => {
  it.each([
    [
      'a time, a sid and a version',
      'US... at 2026-11-24T10:00:00Z, 5f0c2a31:00000000000000000006',
      `${SID} at 2025-01-01T01:02:03.456Z, aabbccdd:00000000000000000123`,
    ],
    ['the width of columns', 'SID     NAME', 'SID   NAME'],
    ['text and lines that are left out', 'a ... c\n...\nz', 'a b c\nd\ne\nz'],
  ])('accepts another value for %s', (_, shown, real) => {
    expect(isTextLike(shown, real)).toBe(true);
  });

  it.each([
    ['a word', 'online', 'offline'],
    ['a sid of another kind', 'US...', SID.replace('US', 'CN')],
    ['a line that is missing', 'a\nb', 'a'],
    ['a line too many', 'a', 'a\nb'],
  ])('refuses another value for %s', (_, shown, real) => {
    expect(isTextLike(shown, real)).toBe(false);
  });

  it('accepts the beginning of an output that goes on', () => {
    expect(beginsLike('a\nb', 'a\nb\nc\n')).toBe(true);
    expect(beginsLike('a\nb', 'a\nc\n')).toBe(false);
  });

  it('accepts JSON of the same shape, with more where the page says so', () => {
    const shown = '{"sid":"US...","count":1,"items":[{"is_online":true,...},...],"none":null}';
    const real = { sid: SID, count: 7, items: [{ is_online: true, more: 1 }, {}], none: null };
    expect(findDifference(shown, real)).toBeNull();
  });

  it.each([
    ['a value', '{"a":true}', { a: false }, '$.a: the page has true, the program false'],
    ['a key that is missing', '{"a":1,"b":1}', { a: 1 }, '$: the program lacks b'],
    ['a key too many', '{"a":1}', { a: 1, b: 1 }, '$: the page lacks b'],
    ['a list of another length', '{"a":[1]}', { a: [1, 2] }, '$.a: the page has 1 items'],
    ['null', '{"a":1}', { a: null }, '$.a'],
  ])('names the place where JSON differs: %s', (_, shown, real, difference) => {
    expect(findDifference(shown, real)).toContain(difference);
  });
});

describe('The snippets of a page', () => {
  it('have their language, their line and the comments before them, also in a list', () => {
    const page =
      'text\n\n<!-- not run: why -->\n\n```sh\na\n```\n\n1. item\n\n   ```json\n   {}\n   ```\n';
    expect(snippetsOf(page)).toEqual([
      { language: 'sh', code: 'a\n', line: 5, marks: ['not run: why'] },
      { language: 'json', code: '{}\n', line: 11, marks: [] },
    ]);
  });

  it('do not hide in indented blocks', () => {
    expect(
      indentedBlocksOf('text\n\n    code\n\n- item\n\n    of the list\n\nend\n\n    code\n'),
    ).toEqual([3, 11]);
  });
});
