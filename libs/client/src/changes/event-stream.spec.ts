import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventStream, type StreamEvent } from './event-stream.ts';

function parse(...pieces: readonly string[]): { stream: EventStream; events: StreamEvent[] } {
  const stream = new EventStream();
  return { stream, events: pieces.flatMap((piece) => [...stream.push(piece)]) };
}

const TEXT = [
  'retry: 250\n\n',
  'event: start\nid: e:1\ndata: {}\n\n',
  ':\nid: e:3\n\n',
  'event: change\r\nid: e:4\r\ndata: {"a":\r\ndata: 1}\r\n\r\n',
  'event: change\nid: e:5\ndata: unfinished',
].join('');

describe('An event stream', () => {
  it('gives events with all their lines of data, and ids of comments', () => {
    const { stream, events } = parse(TEXT);
    expect(events).toEqual([
      { event: 'start', data: '{}' },
      { event: 'change', data: '{"a":\n1}' },
    ]);
    expect([stream.lastEventId, stream.retryMs]).toEqual(['e:4', 250]);
  });

  it('has the id of a comment that comes last', () => {
    expect(parse('id: e:1\ndata: x\n\n', ':\nid: e:2\n\n').stream.lastEventId).toBe('e:2');
  });

  it('is the same however it is divided', () => {
    const cuts = fc.array(fc.nat({ max: TEXT.length }), { maxLength: 8 });
    fc.assert(
      fc.property(cuts, (places) => {
        const edges = [0, ...places.toSorted((a, b) => a - b), TEXT.length];
        const pieces = edges.slice(1).map((end, index) => TEXT.slice(edges[index], end));
        const [divided, whole] = [parse(...pieces), parse(TEXT)];
        expect(divided.events).toEqual(whole.events);
        expect(divided.stream.lastEventId).toBe(whole.stream.lastEventId);
      }),
    );
  });
});
