import { describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { setAnswerHeaders } from './answer-headers.ts';

function serverThatAnswers(status: number, headers: Record<string, string> = {}): FastifyInstance {
  const server = fastify();
  setAnswerHeaders(server, () => ({}));
  server.get('/', (_, reply) => reply.status(status).headers(headers).send({}));
  return server;
}

describe('The headers of an answer', () => {
  it('tell when to try again, with every 503', async () => {
    const { headers } = await serverThatAnswers(503).inject('/');
    expect(headers['retry-after']).toBe('1');
  });

  it('keep the time that a 503 names itself', async () => {
    const { headers } = await serverThatAnswers(503, { 'Retry-After': '30' }).inject('/');
    expect(headers['retry-after']).toBe('30');
  });

  it.each([200, 404, 500])('name no time with %d', async (status) => {
    const { headers } = await serverThatAnswers(status).inject('/');
    expect(headers).not.toHaveProperty('retry-after');
  });
});
