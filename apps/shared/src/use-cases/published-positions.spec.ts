import { describe, expect, it } from '@jest/globals';
import type { Position } from '#event-store';
import { PublishedPositions } from './published-positions.ts';

const ANN = { serviceSid: 'IS1', userSid: 'US1' };
const BEN = { serviceSid: 'IS1', userSid: 'US2' };
const ONE = { serviceSid: 'IS1' };
const TWO = { serviceSid: 'IS2' };

describe('Published positions', () => {
  function published(position: Position | null = '05') {
    const readModel = { position };
    return { readModel, positions: new PublishedPositions(readModel) };
  }

  it('are required of reads of the same User, of lists of its Service, and of nothing else', () => {
    const { positions } = published();
    positions.record('07', ANN);
    expect(positions.requiredFor(ANN)).toBe('07');
    expect(positions.requiredFor(ONE)).toBe('07');
    expect(positions.requiredFor({})).toBe('07');
    expect(positions.requiredFor(BEN)).toBeNull();
    expect(positions.requiredFor(TWO)).toBeNull();
  });

  it('of a Service are required of reads of all its Users', () => {
    const { positions } = published();
    positions.record('06', ANN);
    positions.record('08', ONE);
    expect([positions.requiredFor(ANN), positions.requiredFor(BEN)]).toEqual(['08', '08']);
  });

  it('keep the latest, in whatever order they are recorded', () => {
    const { positions } = published();
    positions.record('09', ANN);
    positions.record('07', ANN);
    expect([positions.requiredFor(ANN), positions.requiredFor(ONE)]).toEqual(['09', '09']);
  });

  it('are forgotten once the read model has passed them', () => {
    const { readModel, positions } = published();
    positions.record('07', ANN);
    expect(positions.isEmpty).toBe(false);
    readModel.position = '07';
    expect(positions.isEmpty).toBe(true);
    expect(positions.requiredFor(ANN)).toBeNull();
    positions.record('06', ANN);
    expect(positions.isEmpty).toBe(true);
  });

  it('of very many Users become one that every read must show, so that memory is bounded', () => {
    const { positions } = published(null);
    for (let user = 0; user < 10_000; user += 1) {
      positions.record('07', { serviceSid: 'IS1', userSid: `US${user}` });
    }
    expect(positions.requiredFor(TWO)).toBeNull();
    positions.record('08', { serviceSid: 'IS1', userSid: 'US10000' });
    expect(positions.requiredFor(TWO)).toBe('07');
    expect(positions.requiredFor({ serviceSid: 'IS1', userSid: 'US10000' })).toBe('08');
  });
});
