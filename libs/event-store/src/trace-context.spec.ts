import { describe, expect, it } from '@jest/globals';
import {
  commandSpanId,
  commandSpanOf,
  formatTraceParent,
  parseTraceParent,
  toRecordedTrace,
} from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('A traceparent', () => {
  it('names a trace, a span and flags', () => {
    const parent = parseTraceParent(`00-${TRACE}-${SPAN}-01`);
    expect(parent).toEqual({ traceId: TRACE, spanId: SPAN, flags: '01' });
    expect(parent === null ? null : formatTraceParent(parent)).toBe(`00-${TRACE}-${SPAN}-01`);
  });

  it('of a later version is read as far as it is known', () => {
    expect(parseTraceParent(`cc-${TRACE}-${SPAN}-00-more`)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      flags: '00',
    });
  });

  it.each([
    undefined,
    ['two', 'headers'],
    '',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-${SPAN}`,
  ])('that is malformed names none: %j', (header) => {
    expect(parseTraceParent(header)).toBeNull();
  });
});

describe('The metadata of an event', () => {
  const trace = toRecordedTrace({ traceId: TRACE, flags: '01' });

  it('names the span of its command', () => {
    expect(commandSpanOf({ trace, causationId: 'c1' })).toEqual({
      traceId: TRACE,
      spanId: commandSpanId('c1'),
      flags: '01',
    });
    expect(commandSpanId('c1')).toMatch(/^[0-9a-f]{16}$/);
    expect(commandSpanId('c1')).not.toBe(commandSpanId('c2'));
  });

  it.each([undefined, '', TRACE, `${TRACE}-1`, `${'0'.repeat(32)}-01`])(
    'names no span where its trace is %j',
    (malformed) => {
      const metadata = malformed === undefined ? {} : { trace: malformed };
      expect(commandSpanOf({ ...metadata, causationId: 'c1' })).toBeNull();
    },
  );
});
