import { describe, expect, it } from '@jest/globals';
import { requestIdOf } from './request-id.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const OWN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const named = (headers: Record<string, string>): string => requestIdOf({ headers });

describe('The id of a request', () => {
  it.each(['a', 'order 42 / retry', '~'.repeat(128)])(
    'is the X-Request-Id of its sender: %s',
    (id) => {
      expect(named({ 'x-request-id': id })).toBe(id);
    },
  );

  it.each(['', 'a'.repeat(129), 'tab\there', 'na\u00efve'])('is a new one instead of %j', (id) => {
    expect(named({ 'x-request-id': id })).toMatch(OWN);
  });

  it('is the trace id of the request where there is no X-Request-Id', () => {
    const traceparent = `00-${TRACE}-${PARENT}-01`;
    expect(named({ traceparent })).toBe(TRACE);
    expect(named({ traceparent, 'x-request-id': 'mine' })).toBe('mine');
    expect(named({ traceparent, 'x-request-id': '' })).toBe(TRACE);
    expect(named({ traceparent: `cc-${TRACE}-${PARENT}-01-later` })).toBe(TRACE);
  });

  it.each([
    `ff-${TRACE}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}`,
    TRACE,
  ])('is a new one where the trace is malformed: %s', (traceparent) => {
    expect(named({ traceparent })).toMatch(OWN);
  });

  it('is unique', () => {
    expect(named({})).not.toBe(named({}));
  });
});
