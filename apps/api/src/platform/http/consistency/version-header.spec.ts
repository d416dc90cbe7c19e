import { describe, expect, it } from '@jest/globals';
import { TwilioError } from '#twilio-wire/twilio-error';
import { versionInHeader } from './version-header.ts';

const LOG = { epoch: 'e2', formerEpochs: ['e1'] };

describe('The version in a header', () => {
  it('is a position of the log', () => {
    expect(versionInHeader('e2:0042', LOG)).toEqual({ position: '0042', isOfLog: true });
    expect(versionInHeader(undefined, LOG)).toBeNull();
  });

  it('has no position where the log has left its epoch', () => {
    expect(versionInHeader('e1:0042', LOG)).toEqual({ position: null, isOfLog: true });
  });

  it('may be one that this process is about to learn of, in an epoch that it does not know', () => {
    expect(versionInHeader('e3:0042', LOG)).toEqual({ position: null, isOfLog: false });
  });

  it.each([
    '',
    '42',
    'e2:',
    ':42',
    'e2:4 2',
    'e2:-1',
    'e2:42:1',
    `e2:${'1'.repeat(41)}`,
    'e2:42, e2:43',
  ])('is refused where it is %j', (header) => {
    expect(() => versionInHeader(header, LOG)).toThrow(TwilioError);
  });
});
