import { createHash, randomUUID } from 'node:crypto';
import {
  Inject,
  Injectable,
  Logger,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { defer, lastValueFrom, type Observable } from 'rxjs';
import type { EventStore } from '#event-store';
import type {
  IdempotencyClaim,
  IdempotencyStore,
  SharedClock,
  StoredAnswer,
} from '#operational-state';
import { Settings } from '#shared/settings/settings';
import { EVENT_STORE, IDEMPOTENCY_STORE, SHARED_CLOCK } from '../../injection-tokens.ts';
import { toTwilioError } from '../errors/error-mapping.ts';
import { underWay, usedForAnotherRequest } from './idempotency-errors.ts';
import { idempotentRequest, type IdempotentRequest } from './idempotent-request.ts';
import { SecretAnswer } from './secret-answer.ts';
import { errorAnswer, isFinal, replay, successAnswer } from './stored-answers.ts';
import { logFailure } from '../../log-failure.ts';

const HOUR_MS = 3_600_000;
/** Milliseconds after which a request counts as abandoned. A command gives up earlier. */
const CLAIM_MS = 30_000;
/** Seconds after which a client may ask again for the result of a request that is under way. */
const RETRY_AFTER_SECONDS = 1;

/**
 * Carries out a request with an `Idempotency-Key` once, and repeats its answer. `@Writes()` applies it, outside of the
 * interceptor that holds the answer until reads see the write.
 *
 * A claim that was abandoned, or an answer that is not final, lets a repeated request be carried out again. Its command
 * has the same id as before, so that it appends nothing twice.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor<unknown, unknown> {
  readonly #logger = new Logger(IdempotencyInterceptor.name);

  constructor(
    @Inject(Settings) private readonly settings: Pick<Settings, 'IDEMPOTENCY_HOURS'>,
    @Inject(IDEMPOTENCY_STORE) private readonly store: IdempotencyStore,
    @Inject(EVENT_STORE) private readonly events: Pick<EventStore, 'epoch'>,
    @Inject(SHARED_CLOCK) private readonly clock: SharedClock,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const idempotent = idempotentRequest(request);
    if (idempotent === null) return next.handle();
    const reply = http.getResponse<FastifyReply>();
    const isSecret = this.reflector.get(SecretAnswer, context.getHandler());
    return defer(async () => {
      const now = await this.clock();
      const claim = this.#newClaim(idempotent, now);
      const result = await this.store.claim(claim, now);
      switch (result.outcome) {
        case 'mismatch':
          throw usedForAnotherRequest();
        case 'under_way':
          void reply.header('Retry-After', RETRY_AFTER_SECONDS);
          throw underWay();
        case 'completed':
          return replay(result.answer, reply, isSecret);
        case 'claimed':
          return this.#carryOut(next, claim, { request, reply, isSecret });
      }
    });
  }

  async #carryOut(
    next: CallHandler<unknown>,
    claim: IdempotencyClaim,
    {
      request,
      reply,
      isSecret,
    }: {
      readonly request: FastifyRequest;
      readonly reply: FastifyReply;
      readonly isSecret: boolean;
    },
  ): Promise<unknown> {
    try {
      const body = await lastValueFrom(next.handle());
      await this.#end(claim, successAnswer(reply, body, isSecret));
      return body;
    } catch (error) {
      const { answer } = toTwilioError(error, request.originalUrl);
      await this.#end(claim, isFinal(answer) ? errorAnswer(answer) : null);
      throw error;
    }
  }

  /** Stores the answer, or releases the claim. A failure does not change the answer to this request. */
  async #end(claim: IdempotencyClaim, answer: StoredAnswer | null): Promise<void> {
    try {
      await (answer === null ? this.store.release(claim) : this.store.complete(claim, answer));
    } catch (error) {
      logFailure(this.#logger, 'error', 'Cannot store the answer to an idempotent request', error);
    }
  }

  /** A log that was replaced has another epoch, and answers about the old log are not repeated. */
  #newClaim({ scopedKey, fingerprint }: IdempotentRequest, now: number): IdempotencyClaim {
    return {
      id: createHash('sha256').update(`${this.events.epoch}\n${scopedKey}`).digest('base64url'),
      fingerprint,
      owner: randomUUID(),
      claimedUntil: now + CLAIM_MS,
      expiresAt: now + this.settings.IDEMPOTENCY_HOURS * HOUR_MS,
    };
  }
}
