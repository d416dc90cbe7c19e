import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { mergeMap, type Observable } from 'rxjs';
import type { EventStore } from '#event-store';
import { formatVersion } from '#read-model';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { waitUntilVisible, type Written } from '#shared/use-cases/written';
import { EVENT_STORE } from '../../injection-tokens.ts';
import { markBehind } from './read-model-header.ts';
import { VERSION_HEADER } from './version-header.ts';

/** What a controller returns for a write: its position in the log, and how to answer once reads see it. */
export interface WriteResult extends Written {
  /** Makes the answer; a deletion has none. */
  readonly answer?: () => Promise<unknown>;
}

/**
 * Holds the answer to a write until every read sees the write. `@Writes()` applies it: as an interceptor of all routes
 * it would also cost the reads, which have nothing to wait for.
 */
@Injectable()
export class ReadsAfterWritesInterceptor implements NestInterceptor<WriteResult, unknown> {
  constructor(
    private readonly progress: ReadModelProgress,
    @Inject(EVENT_STORE) private readonly events: Pick<EventStore, 'epoch'>,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<WriteResult>): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      mergeMap(async ({ position, answer }) => {
        if (position !== null) {
          void reply.header(VERSION_HEADER, formatVersion(this.events.epoch, position));
        }
        markBehind(reply, !(await waitUntilVisible(this.progress, { position })));
        return answer?.();
      }),
    );
  }
}
