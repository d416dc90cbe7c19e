import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventStreamParser } from './event-stream.ts';

const TEXT =
  'event: start\nid: e:1\ndata: {"a":1}\n\n: nothing\nid: e:2\n\nretry: 1500\ndata: x\ndata: y\n\n';
const EVENTS = [
  { type: 'start', data: '{"a":1}' },
  { type: 'message', data: 'x\ny' },
];

describe('a stream of events', () => {
  it('has events with types and data, and remembers the id and the time to wait', () => {
    const parser = new EventStreamParser();
    expect(parser.push(TEXT)).toEqual(EVENTS);
    expect(parser.lastEventId).toBe('e:2');
    expect(parser.retryMs).toBe(1_500);
  });

  it('has the same events however its text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: TEXT.length })), (cuts) => {
        const parser = new EventStreamParser();
        const ends = [0, ...cuts.sort((one, other) => one - other), TEXT.length];
        const parts = ends.slice(1).map((end, index) => TEXT.slice(ends[index], end));
        expect(parts.flatMap((part) => parser.push(part))).toEqual(EVENTS);
      }),
    );
  });

  it('may end its lines as Windows does', () => {
    expect(new EventStreamParser().push('data: 1\r\n\r\n')).toEqual([
      { type: 'message', data: '1' },
    ]);
  });

  it('has no event before the empty line after it', () => {
    expect(new EventStreamParser().push('data: 1\n')).toEqual([]);
  });
});
