import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { TwilioError } from '#twilio-wire/twilio-error';

/** Bytes and milliseconds for which the rest of a body is received and discarded, so that its sender reads the answer. */
const DISCARDED_BYTES = 16 * 1024 * 1024;
const DISCARD_MS = 5_000;

/** Refuses compressed bodies. It decompresses nothing: few bytes could become many. */
export function refuseEncodedBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw }, _reply, done) => {
    const encoding = raw.headers['content-encoding'] ?? 'identity';
    const isRefused = hasBody(raw) && encoding.trim().toLowerCase() !== 'identity';
    done(isRefused ? encodedBody() : undefined);
  });
}

/**
 * Closes the connection after an answer to a request whose body was not received whole. The answer is sent at once, but
 * the connection is closed later: a client that still sends would be reset and would never read the answer.
 */
export function closeUnreadBodies(fastify: FastifyInstance): void {
  fastify.addHook('onSend', ({ raw }, reply, payload, done) => {
    if (!hasBody(raw) || raw.complete) {
      done(null, payload);
      return;
    }
    void reply.header('Connection', 'close');
    if (typeof payload !== 'string') {
      done(null, payload);
      return;
    }
    void reply.header('Content-Length', Buffer.byteLength(payload));
    done(null, Readable.from(answerThenDiscard(payload, raw)));
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The answer, and an end that comes when the body was discarded. */
async function* answerThenDiscard(answer: string, body: IncomingMessage): AsyncGenerator<string> {
  yield answer;
  await discardBody(body);
}

/** Receives and discards the body until it ends, is cut off, or reaches a limit. */
function discardBody(body: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (body.readableEnded || body.destroyed) {
      resolve();
      return;
    }
    let bytes = 0;
    const timer = setTimeout(resolve, DISCARD_MS).unref();
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    for (const event of ['end', 'error', 'close']) body.once(event, end);
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > DISCARDED_BYTES) end();
    });
  });
}

function encodedBody(): TwilioError {
  return new TwilioError(
    415,
    20001,
    'Content-Encoding must be identity: send the body uncompressed',
  );
}
