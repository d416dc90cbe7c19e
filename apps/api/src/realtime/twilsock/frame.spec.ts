import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeFrame, FrameError, MAX_HEADER_BYTES, parseFrame, readPayload } from './frame.ts';

const HEADER = { method: 'message', id: 'TM1' };

/** A frame with the given lengths, true or not. */
function frameOf(
  header: string,
  payload = '',
  { magic = 'TWILSOCK V3.0', size = Buffer.byteLength(header), gap = '\r\n' } = {},
): Buffer {
  return Buffer.from(`${magic} ${size}\r\n${header}${gap}${payload}`);
}

const refusing = (bytes: Buffer) => () => parseFrame(bytes);

describe('A frame', () => {
  it('is read as it was written, whatever its text', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
        fc.jsonValue(),
        (fields, payload) => {
          const frame = parseFrame(encodeFrame({ ...fields, ...HEADER }, payload));
          expect(frame.header).toMatchObject(JSON.parse(JSON.stringify(HEADER)) as object);
          expect(readPayload(frame)).toEqual(JSON.parse(JSON.stringify(payload)));
        },
      ),
    );
  });

  it('counts bytes, not characters', () => {
    const bytes = encodeFrame({ ...HEADER, name: 'Zoë 🚀' }, { text: '€' });
    const [magic = ''] = bytes.toString('utf8').split('\r\n');
    const header = bytes.toString('utf8').split('\r\n')[1] ?? '';
    expect(Number(magic.split(' ')[2])).toBe(Buffer.byteLength(header));
    expect(parseFrame(bytes).header).toMatchObject({ name: 'Zoë 🚀', payload_size: 14 });
  });

  it('may omit the size of an empty payload', () => {
    expect(parseFrame(frameOf('{"method":"close","id":"TM1"}')).payload).toHaveLength(0);
  });

  it('has no payload if none was given', () => {
    expect(readPayload(parseFrame(encodeFrame(HEADER)))).toBeUndefined();
  });
});

describe('An invalid frame', () => {
  const json = JSON.stringify(HEADER);

  it.each([
    ['no bytes', Buffer.alloc(0)],
    ['text without a first line', Buffer.from('x'.repeat(100))],
    ['another protocol', frameOf(json, '', { magic: 'HTTP V3.0' })],
    ['another version', frameOf(json, '', { magic: 'TWILSOCK V4.0' })],
    ['a size that is not a number', Buffer.from(`TWILSOCK V3.0 x\r\n${json}\r\n`)],
    ['a negative size', Buffer.from(`TWILSOCK V3.0 -1\r\n${json}\r\n`)],
    ['a size in another notation', Buffer.from(`TWILSOCK V3.0 0x1d\r\n${json}\r\n`)],
    ['a size with a leading zero', Buffer.from(`TWILSOCK V3.0 0${json.length}\r\n${json}\r\n`)],
    ['a size of more digits than fit', Buffer.from(`TWILSOCK V3.0 999999999999\r\n${json}\r\n`)],
    ['a header that is shorter than it says', frameOf(json, '', { size: json.length + 1 })],
    ['a header that is longer than it says', frameOf(json, '', { size: json.length - 1 })],
    ['a header without an end', frameOf(json, '', { gap: '' })],
    ['a header that is not JSON', frameOf('{"method":')],
    ['a header that is not an object', frameOf('"method"')],
    ['a header that is null', frameOf('null')],
    ['a header without a method', frameOf('{"id":"TM1"}')],
    ['a header without an id', frameOf('{"method":"close"}')],
    ['an empty id', frameOf('{"method":"close","id":""}')],
    ['an id that is too long', frameOf(`{"method":"close","id":"${'x'.repeat(129)}"}`)],
    ['a payload without a size', frameOf(json, 'x')],
    ['a payload of another size', frameOf('{"method":"m","id":"i","payload_size":2}', 'x')],
    [
      'a payload size that is not a number',
      frameOf('{"method":"m","id":"i","payload_size":"1"}', 'x'),
    ],
  ])('is rejected: %s', (_, bytes) => {
    expect(refusing(bytes)).toThrow(FrameError);
  });

  it('is rejected before its header is read, if that is too large', () => {
    const large = JSON.stringify({ ...HEADER, filler: 'x'.repeat(MAX_HEADER_BYTES) });
    expect(refusing(frameOf(large))).toThrow('too large');
    expect(refusing(Buffer.from('TWILSOCK V3.0 99999999\r\n{}'))).toThrow('too large');
  });

  it('is rejected if its header is not UTF-8', () => {
    const header = Buffer.from(JSON.stringify({ ...HEADER, name: '??' }));
    header.fill(0xff, header.indexOf('?'), header.indexOf('?') + 2);
    const magic = Buffer.from(`TWILSOCK V3.0 ${header.length}\r\n`);
    expect(refusing(Buffer.concat([magic, header, Buffer.from('\r\n')]))).toThrow('UTF-8');
  });

  it('is rejected when its payload is read and is not JSON', () => {
    const frame = parseFrame(frameOf('{"method":"m","id":"i","payload_size":1}', '{'));
    expect(() => readPayload(frame)).toThrow(FrameError);
  });

  it('is rejected if it is cut off at any byte', () => {
    const whole = encodeFrame(HEADER, { text: 'payload' });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        expect(refusing(whole.subarray(0, length))).toThrow(FrameError);
      }),
    );
  });

  it('causes a FrameError and no other error, whatever the bytes', () => {
    const magic = fc.constantFrom('TWILSOCK V3.0 ', 'TWILSOCK V3.0 10\r\n', 'TWILSOCK ', '');
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        try {
          readPayload(parseFrame(Buffer.concat([Buffer.from(start), rest])));
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });
});
