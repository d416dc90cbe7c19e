import { describe, expect, it } from '@jest/globals';
import { LogRestoredError } from '#event-store';
import { claimEpoch, ForeignReadModelError } from './claim-epoch.ts';

const log = (epoch: string, ...formerEpochs: string[]) => ({ epoch, formerEpochs });
const known = (epoch: string, ...left: string[]) => ({ epoch, left });

describe('A read model', () => {
  it('begins where it is empty', () => {
    expect(claimEpoch(null, log('b', 'a'), '')).toEqual({
      action: 'begin',
      epochs: known('b', 'a'),
    });
  });

  it('stays in its epoch', () => {
    expect(claimEpoch(known('b', 'a'), log('b', 'a'), '')).toEqual({ action: 'keep' });
  });

  it('begins anew under a later epoch of its event store', () => {
    expect(claimEpoch(known('a'), log('b', 'a'), '')).toEqual({
      action: 'begin',
      epochs: known('b', 'a'),
    });
  });

  it('begins anew where one copy was restored twice, each time under another epoch', () => {
    expect(claimEpoch(known('b', 'a'), log('c', 'a'), '')).toEqual({
      action: 'begin',
      epochs: known('c', 'a', 'b'),
    });
  });

  it('finds a log that went back to an epoch which it has left', () => {
    expect(() => claimEpoch(known('b', 'a'), log('a'), '')).toThrow(LogRestoredError);
    expect(() => claimEpoch(known('c', 'a', 'b'), log('b', 'a'), '')).toThrow(LogRestoredError);
  });

  it('of another event store is refused, with a remedy', () => {
    expect(() => claimEpoch(known('a'), log('x'), 'Delete it')).toThrow(ForeignReadModelError);
    expect(() => claimEpoch(known('b', 'a'), log('y', 'x'), 'Delete it')).toThrow(/Delete it$/);
  });
});
