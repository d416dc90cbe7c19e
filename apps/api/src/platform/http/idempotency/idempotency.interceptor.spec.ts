import { Logger, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defer, lastValueFrom } from 'rxjs';
import { EventStoreUnavailableError } from '#event-store';
import type { IdempotencyStore, StoredAnswer } from '#operational-state';
import {
  openSqliteOperationalState,
  type SqliteOperationalState,
} from '#operational-state/adapters/sqlite/index';
import { notFound, TwilioError } from '#twilio-wire/twilio-error';
import { unrestricted } from '../authentication/caller.ts';
import { IdempotencyInterceptor } from './idempotency.interceptor.ts';
import { SecretAnswer } from './secret-answer.ts';

const START = Date.parse('2026-03-04T05:00:00.000Z');
const HOUR = 3_600_000;

class Routes {
  create(): void {}

  @SecretAnswer(true)
  createSecret(): void {}
}
const { create, createSecret } = Object.getOwnPropertyDescriptors(Routes.prototype);

/** The same records, with another way to store answers. */
const completingWith = (
  store: IdempotencyStore,
  complete: IdempotencyStore['complete'],
): IdempotencyStore => ({
  claim: (claim, now) => store.claim(claim, now),
  complete,
  release: (claim) => store.release(claim),
  clear: () => store.clear(),
  prune: (now, limit) => store.prune(now, limit),
});

/** The parts of Fastify's reply that the interceptor touches. */
class FakeReply {
  statusCode = 201;
  readonly sent: Record<string, string> = {};

  status(code: number): this {
    this.statusCode = code;
    return this;
  }

  header(name: string, value: unknown): this {
    this.sent[name.toLowerCase()] = String(value);
    return this;
  }

  headers(values: Record<string, string>): this {
    for (const [name, value] of Object.entries(values)) this.header(name, value);
    return this;
  }

  getHeader(name: string): string | undefined {
    return this.sent[name];
  }
}

describe('A request with an Idempotency-Key', () => {
  let now = START;
  let epoch = 'first';
  let executions = 0;
  let operations: SqliteOperationalState;
  let interceptor: IdempotencyInterceptor;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  afterAll(() => {
    Logger.overrideLogger(['error', 'warn', 'log']);
  });

  const interceptorOf = (store = operations.idempotency) =>
    new IdempotencyInterceptor(
      { IDEMPOTENCY_HOURS: 24 },
      store,
      {
        get epoch() {
          return epoch;
        },
      },
      async () => now,
      new Reflector(),
    );

  beforeEach(() => {
    now = START;
    epoch = 'first';
    executions = 0;
    operations = openSqliteOperationalState(':memory:');
    interceptor = interceptorOf();
  });
  afterEach(() => {
    operations.close();
  });

  /** Sends a request; `run` is what the route does, with the number of the execution. */
  async function send({
    key = 'once',
    body = { FriendlyName: 'A' },
    handler = create,
    run = async (execution) => ({ execution }),
    by = interceptor,
  }: {
    readonly key?: string | null;
    readonly body?: object;
    readonly handler?: typeof create;
    readonly run?: (execution: number, reply: FakeReply) => Promise<unknown>;
    readonly by?: IdempotencyInterceptor;
  } = {}) {
    const reply = new FakeReply();
    const headers = key === null ? {} : { 'idempotency-key': key };
    const url = '/v2/Services';
    const request = {
      caller: unrestricted('SK1'),
      method: 'POST',
      url,
      originalUrl: url,
      headers,
      body,
    };
    const context = {
      getHandler: () => handler.value as () => void,
      switchToHttp: () => ({
        getRequest: () => request as unknown as FastifyRequest,
        getResponse: () => reply as unknown as FastifyReply,
      }),
    } as unknown as ExecutionContext;
    const next = {
      handle: () =>
        defer(() => {
          executions += 1;
          return run(executions, reply);
        }),
    };
    const outcome = await lastValueFrom(by.intercept(context, next)).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
    return { status: reply.statusCode, headers: reply.sent, ...outcome };
  }

  const failWith = (error: Error) => async (): Promise<unknown> => {
    throw error;
  };

  it('is carried out once, and its answer is repeated', async () => {
    const first = await send();
    const second = await send();
    expect(first).toEqual({ status: 201, headers: {}, answer: { execution: 1 } });
    expect(second).toEqual({ ...first, headers: { 'idempotency-replayed': 'true' } });
    expect(executions).toBe(1);
  });

  it('gets the headers again that tell what was done, and no others', async () => {
    const told = {
      location: '/v2/Services/IS1',
      'x-reachability-version': 'epoch:0000000000000001',
      'x-read-model': 'behind',
    };
    const run = async (_: number, reply: FakeReply): Promise<unknown> => {
      reply.headers({ ...told, 'x-request-id': 'first' });
      return {};
    };
    await send({ run });
    expect((await send()).headers).toEqual({ ...told, 'idempotency-replayed': 'true' });
  });

  it('is carried out each time without the header', async () => {
    const answers = [await send({ key: null }), await send({ key: null })];
    expect(answers).toMatchObject([{ answer: { execution: 1 } }, { answer: { execution: 2 } }]);
  });

  it('has the same answer without a body', async () => {
    const nothing = async (): Promise<unknown> => undefined;
    expect([await send({ run: nothing }), await send({ run: nothing })]).toMatchObject([
      { answer: undefined },
      { answer: undefined, headers: { 'idempotency-replayed': 'true' } },
    ]);
  });

  it('is refused with another body, and nothing is carried out', async () => {
    await send();
    const error = { status: 422, code: 20422 };
    expect(await send({ body: { FriendlyName: 'B' } })).toMatchObject({ error });
    expect(executions).toBe(1);
  });

  it('is refused while the first one is under way', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const first = send({ run: () => promise });
    expect(await send()).toMatchObject({
      headers: { 'retry-after': '1' },
      error: { status: 409, code: 20409 },
    });
    resolve('done');
    expect(await first).toMatchObject({ answer: 'done' });
    expect(await send()).toMatchObject({ answer: 'done' });
    expect(executions).toBe(1);
  });

  it('gets the same final error again', async () => {
    const first = await send({ run: failWith(notFound('/v2/Services')) });
    const error = { status: 404, code: 20404, message: expect.stringContaining('/Services') };
    expect(first).toMatchObject({ error });
    expect(await send()).toMatchObject({ error, headers: { 'idempotency-replayed': 'true' } });
    expect(executions).toBe(1);
  });

  it.each([
    ['the log is away', new EventStoreUnavailableError('away')],
    ['of a fault', new TypeError('a fault')],
    ['of a conflict', new TwilioError(409, 50201, 'User already exists')],
    ['of a limit', new TwilioError(429, 20429, 'Too many')],
  ])('is carried out again after it failed because %s', async (_, error) => {
    expect(await send({ run: failWith(error) })).toMatchObject({ error });
    expect(await send()).toMatchObject({ answer: { execution: 2 } });
    expect(await send()).toMatchObject({ answer: { execution: 2 } });
  });

  it('is refused with another body after it failed', async () => {
    await send({ run: failWith(new EventStoreUnavailableError('away')) });
    expect(await send({ body: { FriendlyName: 'B' } })).toMatchObject({ error: { status: 422 } });
  });

  it('is carried out again 30 seconds after its process died', async () => {
    void send({ run: () => new Promise(() => {}) });
    now += 29_999;
    expect(await send()).toMatchObject({ error: { status: 409 } });
    now += 1;
    expect(await send()).toMatchObject({ answer: { execution: 2 } });
  });

  it('is answered when the answer cannot be stored', async () => {
    const store = operations.idempotency;
    const failing = interceptorOf(
      completingWith(store, async () => {
        throw new Error('disk full');
      }),
    );
    expect(await send({ by: failing })).toMatchObject({ answer: { execution: 1 } });
  });

  it('is new when its lifetime is over', async () => {
    await send();
    now += 24 * HOUR - 1;
    expect(await send()).toMatchObject({ answer: { execution: 1 } });
    now += 1;
    expect(await send({ body: { FriendlyName: 'B' } })).toMatchObject({ answer: { execution: 2 } });
  });

  it('is new in a log that was replaced', async () => {
    await send();
    epoch = 'second';
    expect(await send()).toMatchObject({ answer: { execution: 2 } });
  });

  describe('whose answer holds a secret', () => {
    it('is carried out once, and the secret is neither stored nor repeated', async () => {
      const stored: StoredAnswer[] = [];
      interceptor = interceptorOf(
        completingWith(operations.idempotency, async (claim, answer) => {
          stored.push(answer);
          await operations.idempotency.complete(claim, answer);
        }),
      );
      const run = async (): Promise<unknown> => ({ secret: 'hush' });
      const first = await send({ handler: createSecret, run });
      expect(first).toMatchObject({ answer: { secret: 'hush' } });
      const repeated = await send({ handler: createSecret, run });
      expect(repeated).toMatchObject({ error: { status: 409, code: 20410 } });
      expect(stored).toEqual([{ status: 201, headers: {}, body: null }]);
      expect(executions).toBe(1);
    });

    it('gets the same final error again', async () => {
      const run = failWith(notFound('/v2/Services'));
      await send({ handler: createSecret, run });
      expect(await send({ handler: createSecret })).toMatchObject({ error: { status: 404 } });
    });
  });
});
