import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSdk } from './sdk.ts';

describe('The SDK of a client', () => {
  it.each([
    ['chat', 'JS', '6.0.0', 'chat js', '6', 'yes'],
    ['chat', 'js', '3.4.0', 'chat js', '3', 'yes'],
    ['conversations', 'JS', '2.1.0-rc.9', 'conversations js', '2', 'yes'],
    ['chat', 'JS', '2.2.0', 'chat js', '2', 'no'],
    ['chat', 'JS', '0.11.1', 'chat js', '0', 'no'],
    ['chat', 'JS', '7.0.0', 'chat js', '7', 'unknown'],
    ['conversations', 'JS', '0.1.0', 'conversations js', '0', 'unknown'],
    ['chat', 'android', '2.2.0', 'chat android', '2', 'unknown'],
    ['sync', 'js-default', '1', 'other other', '1', 'unknown'],
    ['chat', 'JS', undefined, 'chat js', 'none', 'unknown'],
    ['chat', 'JS', '20211231', 'chat js', 'other', 'unknown'],
    ['chat', 'JS', 2, 'chat js', 'other', 'unknown'],
  ])('%s %s %s is %s %s, supported: %s', (type, sdk, sdkv, name, version, support) => {
    expect(readSdk({ type, sdk, sdkv })).toEqual({ name, version, support });
  });

  it('has one of few names and versions, whatever a client sends', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('chat', 'JS', '6.0', '99', '-1', '1e9'));
    const metadata = fc.record({
      type: fc.oneof(text, fc.anything()),
      sdk: fc.oneof(text, fc.anything()),
      sdkv: fc.oneof(text, fc.anything()),
    });
    fc.assert(
      fc.property(fc.oneof(metadata, fc.anything()), (value) => {
        const { name, version } = readSdk(value);
        expect(name).toMatch(/^(chat|conversations|other) (js|android|ios|other)$/);
        expect(version).toMatch(/^(\d{1,2}|other|none)$/);
      }),
    );
  });
});
