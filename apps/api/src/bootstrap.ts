import 'reflect-metadata';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadCredentials, type Credentials } from '#shared/composition/credentials';
import { LogClaimLostError } from '#shared/composition/ownership/log-claim-lost-error';
import { makePrivate, type PrivacyReport } from '#shared/composition/private-data-dir';
import { requireSharedSecrets } from '#shared/composition/shared-secrets';
import type { Stores } from '#shared/composition/stores';
import { readSettings, type Settings } from '#shared/settings/settings';
import { startTracing } from '#shared/tracing/start-tracing';
import type { Tracing } from '#shared/tracing/tracing';
import { ReadBarrier } from '#shared/use-cases/read-barrier';
import { announce } from './announce.ts';
import { AppModule } from './app.module.ts';
import { describeStartError } from './describe-start-error.ts';
import { openStoresOrWait } from './open-stores-or-wait.ts';
import { serveConsole } from './platform/console/serve-console.ts';
import { Readiness } from './platform/health/readiness.ts';
import { StoreMonitor } from './platform/health/store-monitor.ts';
import { HttpMetrics } from './platform/metrics/http-metrics.ts';
import { logRequests } from './platform/logging/log-requests.ts';
import { createLogger } from './platform/logging/logger.ts';
import { isManagementPublic } from './platform/management/management-exposure.ts';
import {
  startManagementServer,
  type ManagementServer,
} from './platform/management/management-server.ts';
import { serveOpenApi } from './platform/openapi/serve-openapi.ts';
import {
  BasicAuthenticator,
  requireAuthentication,
} from './platform/http/authentication/authentication.ts';
import { readBodies } from './platform/http/bodies/bodies.ts';
import { respectBodyLimits } from './platform/http/bodies/body-limit.ts';
import { withoutV1 } from './platform/http/chat-v1-paths.ts';
import { clientErrorHandler, frameworkErrorHandler } from './platform/http/client-errors.ts';
import { FailedAuthentications } from './platform/http/authentication/failed-authentications.ts';
import { limitQueryParameters } from './platform/http/parameters/parameter-limit.ts';
import { holdReadsUntilVisible } from './platform/http/consistency/reads-after-published.ts';
import { nameSources } from './platform/http/request-source.ts';
import { PublicAddress } from './platform/http/public-address.ts';
import { refuseUnstorablePaths } from './platform/http/storable-paths.ts';
import { requestIdOf, returnRequestId } from './platform/http/request-id.ts';
import { setAnswerHeaders } from './platform/http/answer-headers.ts';
import { answerPreflights, corsHeaders } from './platform/http/cors.ts';
import { StopSignals } from './platform/stop-signals.ts';
import { traceRequests } from './platform/tracing/request-spans.ts';
import { limitSockets } from './platform/http/sockets/limit-sockets.ts';
import { SocketBudget } from './platform/http/sockets/socket-budget.ts';
import { closeUnreadBodies, refuseEncodedBodies } from './platform/http/bodies/unread-bodies.ts';
import { Drain } from './realtime/sessions/drain.ts';

/** Most bytes of a request body. */
const BODY_LIMIT = 256 * 1024;
/**
 * Most TCP connections that wait to be accepted: all clients of a node reconnect at once when it restarts. The system
 * may allow fewer.
 */
const BACKLOG = 16_384;
/** Bytes that a socket buffers before its writer must pause; it bounds the cost of a slow client. */
const SOCKET_BUFFER = 16 * 1024;
/** Milliseconds between two checks whether a request has taken too long. */
const TIMEOUT_CHECK_MS = 5_000;
/** An identity of 512 characters takes at most 12 bytes a character when percent-encoded. */
const LONGEST_PATH_SEGMENT = 512 * 12;

/**
 * Runs the service with the settings of the environment until a signal stops it. An error that prevents a start is one
 * line on stderr.
 */
export async function run(): Promise<void> {
  try {
    const settings = readSettings(process.env);
    requireSharedSecrets(settings);
    const logger = createLogger(settings);
    reportPrivacy(makePrivate(settings.DATA_DIR), logger);
    const credentials = loadCredentials(settings);
    const started = await startTracing(settings, (line) => void logger.warn(line, 'Tracing'));
    try {
      await serveUntilStopped(settings, credentials, logger, started?.tracing ?? null);
    } finally {
      await started?.stop();
    }
  } catch (error) {
    process.stderr.write(`${describeStartError(error)}\n`);
    process.exitCode = 1;
  }
}

/**
 * Serves until a signal: the first one drains, and clients move to other nodes; the second one disconnects the remaining
 * clients at once. The management port shows the drain to its end. The stores close last, after everything that still
 * writes. Where the log turns out to be restored from an older copy, the service starts over in the same process, on the
 * same port: nothing that it holds in memory is true any more.
 *
 * @throws LogClaimLostError after it has stopped because another data folder uses the event store
 */
async function serveUntilStopped(
  settings: Settings,
  credentials: Credentials,
  logger: LoggerService,
  tracing: Tracing | null,
): Promise<void> {
  const signals = new StopSignals();
  let port = settings.PORT;
  let fresh = credentials.fresh;
  let isRestart = false;
  while (!signals.received) {
    const opened = await openStoresOrWait(settings, port, signals, logger, isRestart);
    if (opened === null) return;
    const { stores } = opened;
    ({ port } = opened);
    const restored = Promise.withResolvers<'restored'>();
    const app = await createApp(settings, credentials, stores, logger, tracing, () =>
      restored.resolve('restored'),
    );
    const management = await listen(app, stores, settings, logger, port);
    port = announce(app, management, settings, { ...credentials, fresh });
    fresh = false;
    isRestart = true;
    signals.onSecond(() => app.get(Drain).hurry());
    const lost = stores.claim?.lost ?? signals.first;
    const end = await Promise.race([signals.first, restored.promise, lost]);
    // Its clients cannot wait for the drain: other nodes do not know their sessions, and this one may not serve them.
    if (end !== undefined) app.get(Drain).hurry();
    if (end === 'restored') {
      await stores.claim?.leaveToSuccessor();
      // Nothing that this process still knows belongs in the restored log.
      await stores.events.close();
    }
    await app.close();
    await management?.close();
    await stores.close();
    if (end instanceof LogClaimLostError) throw end;
  }
}

function reportPrivacy({ done, problems }: PrivacyReport, logger: LoggerService): void {
  for (const message of done) logger.log(message, 'DataDir');
  for (const message of problems) logger.warn(message, 'DataDir');
}

/**
 * Opens the ports; returns the server of MANAGEMENT_PORT. Workers run before the public port is open; where it is taken,
 * they stop again, so that the process ends.
 */
async function listen(
  app: NestFastifyApplication,
  stores: Stores,
  settings: Settings,
  logger: LoggerService,
  port: number,
): Promise<ManagementServer | null> {
  let management: ManagementServer | null = null;
  try {
    management = await startManagementServer(app, settings, logger);
    await app.listen({ port, host: settings.HOST, backlog: BACKLOG });
    app.get(Readiness).startServing();
    return management;
  } catch (error) {
    await app.close();
    await management?.close();
    await stores.close();
    throw error;
  }
}

async function createApp(
  settings: Settings,
  credentials: Credentials,
  stores: Stores,
  logger: LoggerService,
  tracing: Tracing | null,
  onLogRestored: () => void,
): Promise<NestFastifyApplication> {
  const cors = corsHeaders(settings.CORS_ORIGINS);
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    clientErrorHandler: clientErrorHandler(cors),
    frameworkErrors: frameworkErrorHandler(cors),
    genReqId: requestIdOf,
    requestTimeout: settings.REQUEST_TIMEOUT_SECONDS * 1_000,
    // Requests on open connections are carried out to the end: Fastify's own 503 has neither Twilio's body nor Retry-After.
    return503OnClosing: false,
    http: {
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      headersTimeout: settings.REQUEST_TIMEOUT_SECONDS * 1_000,
      requestTimeout: settings.REQUEST_TIMEOUT_SECONDS * 1_000,
      // Java's client offers HTTP/2 with every request; it is answered in HTTP/1.1.
      shouldUpgradeCallback: ({ headers }) => /^websocket$/i.test(headers.upgrade ?? ''),
      highWaterMark: SOCKET_BUFFER,
    },
    rewriteUrl: ({ url = '/' }) => withoutV1(url),
    routerOptions: { maxParamLength: LONGEST_PATH_SEGMENT, ignoreTrailingSlash: true },
  });
  const context = {
    settings,
    credentials,
    stores,
    tracing,
    clock: () => new Date(),
    onLogRestored,
  };
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(context),
    adapter,
    { logger, abortOnError: false },
  );
  const fastify = adapter.getInstance();
  fastify.removeContentTypeParser('text/plain');
  readBodies(app, BODY_LIMIT);
  returnRequestId(fastify);
  nameSources(fastify, settings.TRUSTED_PROXIES);
  answerPreflights(fastify);
  setAnswerHeaders(fastify, cors);
  respectBodyLimits(fastify);
  app.get(HttpMetrics).watch(fastify);
  limitSockets(fastify, app.get(SocketBudget));
  requireAuthentication(fastify, app.get(BasicAuthenticator), app.get(FailedAuthentications));
  if (isDetailed(settings)) logRequests(fastify);
  if (tracing !== null) traceRequests(fastify, tracing);
  refuseUnstorablePaths(fastify);
  limitQueryParameters(fastify);
  holdReadsUntilVisible(fastify, app.get(ReadBarrier), stores.events, app.get(StoreMonitor));
  refuseEncodedBodies(fastify);
  closeUnreadBodies(fastify);
  if (isManagementPublic(settings)) serveOpenApi(fastify, app);
  serveConsole(fastify, app.get(PublicAddress));
  return app;
}

function isDetailed({ LOG_LEVEL }: Settings): boolean {
  return LOG_LEVEL === 'debug' || LOG_LEVEL === 'trace';
}
