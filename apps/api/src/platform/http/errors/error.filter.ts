import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LogEntry } from '../../logging/log-entry.ts';
import { requestFields } from '../../logging/log-requests.ts';
import { StoreMonitor } from '../../health/store-monitor.ts';
import { toTwilioError } from './error-mapping.ts';

/** Headers that HTTP requires with a status. Only read-only resources answer 405. */
const REQUIRED_HEADERS: Readonly<Record<number, readonly [string, string]>> = {
  401: ['WWW-Authenticate', 'Basic realm="Twilio API"'],
  405: ['Allow', 'GET, HEAD, OPTIONS'],
};

/** Answers every error with Twilio's body, and logs the faults of this service; those of a store that is out of reach once. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger(ErrorFilter.name);

  constructor(private readonly monitor: StoreMonitor) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { answer, headers, unexpected } = toTwilioError(error, request.originalUrl);
    if (unexpected && !this.monitor.absorb(error, 'requests')) {
      const { id, method, routeOptions } = request;
      const what = `${method} ${routeOptions.url ?? 'unknown'} (request ${id})`;
      const fields = { ...requestFields(request), status: answer.status };
      this.#logger.error(new LogEntry(`${what}: ${String(error)}`, { fields, error }));
    }
    const required = REQUIRED_HEADERS[answer.status];
    if (required !== undefined) void reply.header(...required);
    void reply.status(answer.status).headers(headers).send(answer.body);
  }
}
