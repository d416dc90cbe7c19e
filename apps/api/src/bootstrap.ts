import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { errorMessage } from '#domain';
import { LogRestoredError } from '#event-store';
import { loadCredentials, type Credentials } from '#shared/composition/credentials';
import { makePrivate, type PrivacyReport } from '#shared/composition/private-data-dir';
import { openStores, type Stores } from '#shared/composition/stores';
import { publicOrigin } from '#shared/settings/public-origin';
import { readSettings, type Settings } from '#shared/settings/settings';
import { AppModule } from './app.module.ts';
import { createLogger } from './platform/logger.ts';
import { serveOpenApi } from './platform/openapi/openapi.ts';
import { BasicAuthenticator, requireAuthentication } from './platform/http/authentication.ts';
import { readBodies } from './platform/http/bodies.ts';
import { respectBodyLimits } from './platform/http/body-limit.ts';
import { clientErrorHandler, frameworkErrorHandler } from './platform/http/client-errors.ts';
import { FailedAuthentications } from './platform/http/failed-authentications.ts';
import { limitQueryParameters } from './platform/http/parameter-limit.ts';
import { requestIdOf, returnRequestId } from './platform/http/request-id.ts';
import { allowCrossOrigin, corsHeaders } from './platform/http/cors.ts';
import { PublicAddress } from './platform/http/public-address.ts';
import { StopSignals } from './platform/stop-signals.ts';
import { UnreadyServer } from './platform/health/unready-server.ts';
import { setSecurityHeaders } from './platform/http/security-headers.ts';
import { closeUnreadBodies, refuseEncodedBodies } from './platform/http/unread-bodies.ts';
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
/** Milliseconds between two looks whether a restored log has been mended. */
const RETRY_OPEN_MS = 2_000;
/** An identity of 512 characters takes at most 12 bytes a character when percent-encoded. */
const LONGEST_PATH_SEGMENT = 512 * 12;

/**
 * Runs the service with the settings of the environment until a signal stops it. An error that prevents a start is one
 * line on stderr.
 */
export async function run(): Promise<void> {
  try {
    const settings = readSettings(process.env);
    const logger = createLogger(settings);
    reportPrivacy(makePrivate(settings.DATA_DIR), logger);
    const credentials = loadCredentials(settings);
    await serveUntilStopped(settings, credentials, logger);
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n`);
    process.exitCode = 1;
  }
}

/**
 * Serves until a signal. Where the log turns out to be restored from an older copy, the service starts over in the same
 * process, on the same port: nothing that it holds in memory is true any more.
 */
async function serveUntilStopped(
  settings: Settings,
  credentials: Credentials,
  logger: LoggerService,
): Promise<void> {
  const signals = new StopSignals();
  let port = settings.PORT;
  let fresh = credentials.fresh;
  while (!signals.received) {
    const opened = await openStoresOrWait({ ...settings, PORT: port }, signals, logger);
    if (opened === null) return;
    const { stores } = opened;
    ({ port } = opened);
    const restored = Promise.withResolvers<'restored'>();
    const app = await createApp(settings, credentials, stores, logger, () =>
      restored.resolve('restored'),
    );
    await listen(app, stores, { ...settings, PORT: port });
    port = announce(app, settings, { ...credentials, fresh });
    fresh = false;
    signals.onSecond(() => app.get(Drain).hurry());
    if ((await Promise.race([signals.first, restored.promise])) === 'restored') {
      // Nothing that this process still knows belongs in the restored log.
      app.get(Drain).hurry();
      await stores.events.close();
    }
    await app.close();
    await stores.close();
  }
}

/**
 * Opens the stores. With ON_RESTORED_LOG=stop and a restored log, it refuses all requests on the port and tries again
 * until the log is mended. Returns null where a signal ends that.
 */
async function openStoresOrWait(
  settings: Settings,
  signals: StopSignals,
  logger: LoggerService,
): Promise<{ readonly stores: Stores; readonly port: number } | null> {
  let port = settings.PORT;
  let server: UnreadyServer | null = null;
  try {
    while (!signals.received) {
      try {
        const onRestored = (line: string): void => logger.error(line, 'EventStore');
        return { stores: await openStores(settings, onRestored), port };
      } catch (error) {
        if (!(error instanceof LogRestoredError)) throw error;
        if (server === null) {
          logger.error(error.message, 'EventStore');
          server = new UnreadyServer(error.message);
          port = await server.listen(port, settings.HOST);
          writeListening(publicOrigin({ ...settings, PORT: port }));
        }
      }
      const waited = new AbortController();
      await Promise.race([signals.first, delay(RETRY_OPEN_MS, undefined, waited)]);
      waited.abort();
    }
    return null;
  } finally {
    await server?.close();
  }
}

function writeListening(origin: string, lines: readonly string[] = []): void {
  process.stdout.write(`${[`Reachability is listening on ${origin}`, ...lines].join('\n')}\n`);
}

function reportPrivacy({ done, problems }: PrivacyReport, logger: LoggerService): void {
  for (const message of done) logger.log(message, 'DataDir');
  for (const message of problems) logger.warn(message, 'DataDir');
}

/** Opens the port. Workers run before that; where the port is taken, they stop again, so that the process ends. */
async function listen(
  app: NestFastifyApplication,
  stores: Stores,
  { PORT, HOST }: Settings,
): Promise<void> {
  try {
    await app.listen({ port: PORT, host: HOST, backlog: BACKLOG });
  } catch (error) {
    await app.close();
    await stores.close();
    throw error;
  }
}

async function createApp(
  settings: Settings,
  credentials: Credentials,
  stores: Stores,
  logger: LoggerService,
  onLogRestored: () => void,
): Promise<NestFastifyApplication> {
  const cors = corsHeaders(settings.CORS_ORIGINS);
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    clientErrorHandler: clientErrorHandler(cors),
    frameworkErrors: frameworkErrorHandler(cors),
    genReqId: requestIdOf,
    requestTimeout: settings.REQUEST_TIMEOUT_SECONDS * 1_000,
    http: {
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      headersTimeout: settings.REQUEST_TIMEOUT_SECONDS * 1_000,
      requestTimeout: settings.REQUEST_TIMEOUT_SECONDS * 1_000,
      // Java's client offers HTTP/2 with every request; it is answered in HTTP/1.1.
      shouldUpgradeCallback: ({ headers }) => /^websocket$/i.test(headers.upgrade ?? ''),
      highWaterMark: SOCKET_BUFFER,
    },
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/v1(?=\/)/, '/v2'),
    routerOptions: { maxParamLength: LONGEST_PATH_SEGMENT, ignoreTrailingSlash: true },
  });
  const context = { settings, credentials, stores, clock: () => new Date(), onLogRestored };
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(context),
    adapter,
    { logger, abortOnError: false },
  );
  const fastify = adapter.getInstance();
  fastify.removeContentTypeParser('text/plain');
  readBodies(app, BODY_LIMIT);
  returnRequestId(fastify);
  allowCrossOrigin(fastify, cors);
  setSecurityHeaders(fastify);
  respectBodyLimits(fastify);
  requireAuthentication(fastify, app.get(BasicAuthenticator), app.get(FailedAuthentications));
  limitQueryParameters(fastify);
  refuseEncodedBodies(fastify);
  closeUnreadBodies(fastify);
  serveOpenApi(app);
  return app;
}

/** Prints where the service listens, and new credentials. Returns the port. */
function announce(
  app: NestFastifyApplication,
  settings: Settings,
  credentials: Credentials,
): number {
  const publicAddress = app.get(PublicAddress);
  const address = app.getHttpServer().address();
  const port = address !== null && typeof address === 'object' ? address.port : settings.PORT;
  publicAddress.listeningOn(port);
  const lines = credentials.fresh ? freshCredentials(settings, credentials) : [];
  writeListening(publicAddress.origin, lines);
  return port;
}

/** What to print of credentials that this start created. In production the output is a log, which must not hold them. */
function freshCredentials(settings: Settings, credentials: Credentials): string[] {
  const file = `${settings.DATA_DIR}/credentials.json`;
  if (settings.NODE_ENV === 'production') return [`New credentials are in ${file}`];
  return [`Credentials, kept in ${file} and shown only now:`, ...generated(settings, credentials)];
}

/** The credentials that were generated at this start. Those from settings are not printed: logs must not hold them. */
function generated(settings: Settings, { accountSid, authToken, apiKeys }: Credentials): string[] {
  const account = [`  ACCOUNT_SID=${accountSid}`, `  AUTH_TOKEN=${authToken}`];
  const keys = [...apiKeys].map(([sid, secret]) => `  API_KEY=${sid}:${secret}`);
  return [
    ...(settings.AUTH_TOKEN === undefined ? account : []),
    ...(settings.API_KEYS === undefined ? keys : []),
  ];
}
