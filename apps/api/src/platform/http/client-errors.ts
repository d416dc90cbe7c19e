import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { REQUEST_ID_HEADER } from './request-id.ts';
import type { CorsHeaders } from './cors.ts';
import { toTwilioError } from './errors/error-mapping.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { TwilioError } from '#twilio-wire/twilio-error';

/** Status and message for bytes that are not a valid request, by Node's error code. */
const CLIENT_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request took too long to arrive'],
};

const HEAD = 'HEAD ';

/** Returns the handler that answers a request whose path cannot be routed. */
export function frameworkErrorHandler(corsHeaders: CorsHeaders) {
  return (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    const { answer } = toTwilioError(error, request.originalUrl);
    void reply
      .header(REQUEST_ID_HEADER, request.id)
      .headers({ ...SECURITY_HEADERS, ...corsHeaders(request.headers.origin) })
      .status(answer.status)
      .send(answer.body);
  };
}

/** Returns the handler that answers bytes that are not valid HTTP with Twilio's error body, and closes the connection. */
export function clientErrorHandler(corsHeaders: CorsHeaders) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const known = CLIENT_ERRORS[error.code ?? ''];
    const [status, message] = known ?? [400, 'Request is not valid HTTP'];
    const body = JSON.stringify(new TwilioError(status, 20001, message).body);
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      Connection: 'close',
      ...SECURITY_HEADERS,
      ...corsHeaders(),
    };
    // A client takes what follows the head of an answer to HEAD for the next answer.
    const content = isHead(error) ? '' : body;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines];
    socket.end(`${head.join('\r\n')}\r\n\r\n${content}`);
  };
}

/** Whether the bytes that Node could not read begin a HEAD request. */
function isHead(error: Error): boolean {
  if (!('rawPacket' in error) || !Buffer.isBuffer(error.rawPacket)) return false;
  return error.rawPacket.subarray(0, HEAD.length).toString('latin1') === HEAD;
}
