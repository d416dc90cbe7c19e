import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Registry } from 'prom-client';
import { errorMessage } from '#domain';
import { InvalidSettingError } from '#shared/settings/invalid-setting-error';
import type { Settings } from '#shared/settings/settings';
import { Readiness } from '../health/readiness.ts';
import { StoreMonitor } from '../health/store-monitor.ts';
import { clientErrorHandler, frameworkErrorHandler } from '../http/client-errors.ts';
import { PublicAddress } from '../http/public-address.ts';
import { requestIdOf, returnRequestId } from '../http/request-id.ts';
import { setAnswerHeaders } from '../http/answer-headers.ts';
import { METRICS } from '../injection-tokens.ts';
import { serveOpenApi } from '../openapi/serve-openapi.ts';
import { ManagementModule } from './management.module.ts';

const NO_CORS = () => ({});

/** A management port that is open. */
export interface ManagementServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Opens MANAGEMENT_PORT, with metrics, documentation and health of a service; returns its server, or null where that
 * setting is absent. It does not need the service to be initialized.
 *
 * @throws InvalidSettingError where the port cannot be opened
 */
export async function startManagementServer(
  service: NestFastifyApplication,
  settings: Settings,
  logger: LoggerService,
): Promise<ManagementServer | null> {
  const { MANAGEMENT_PORT: port, MANAGEMENT_HOST: host = settings.HOST } = settings;
  if (port === undefined) return null;
  const requestTimeout = settings.REQUEST_TIMEOUT_SECONDS * 1_000;
  const adapter = new FastifyAdapter({
    clientErrorHandler: clientErrorHandler(NO_CORS),
    frameworkErrors: frameworkErrorHandler(NO_CORS),
    genReqId: requestIdOf,
    requestTimeout,
    http: { headersTimeout: requestTimeout },
    routerOptions: { ignoreTrailingSlash: true },
  });
  const observed = {
    metrics: service.get<Registry>(METRICS),
    readiness: service.get(Readiness),
    monitor: service.get(StoreMonitor),
  };
  const server = await NestFactory.create<NestFastifyApplication>(
    ManagementModule.register(observed),
    adapter,
    { logger, abortOnError: false },
  );
  const fastify = adapter.getInstance();
  returnRequestId(fastify);
  setAnswerHeaders(fastify, NO_CORS);
  serveOpenApi(fastify, service, service.get(PublicAddress));
  try {
    await server.init();
    // Nest's own method would also log an error.
    const url = await fastify.listen({ port, host });
    return { url, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw new InvalidSettingError(`MANAGEMENT_PORT: ${errorMessage(error)}`);
  }
}
