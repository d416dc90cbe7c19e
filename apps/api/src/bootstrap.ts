import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadCredentials, type Credentials } from '#shared/composition/credentials';
import { openStores, type Stores } from '#shared/composition/stores';
import { readSettings, type Settings } from '#shared/settings/settings';
import { AppModule } from './app.module.ts';
import { createLogger } from './platform/logger.ts';
import { serveOpenApi } from './platform/openapi/openapi.ts';
import { BasicAuthentication, requireAuthentication } from './platform/http/authentication.ts';
import { readBodies } from './platform/http/bodies.ts';
import { respectBodyLimits } from './platform/http/body-limit.ts';
import { answerClientError, answerFrameworkError } from './platform/http/client-errors.ts';
import { requestIdOf, returnRequestId } from './platform/http/request-id.ts';
import { allowCrossOrigin } from './platform/http/cors.ts';
import { ErrorFilter } from './platform/http/error.filter.ts';
import { PublicUrl } from './platform/http/public-url.ts';
import { ParametersPipe } from './platform/http/parameters.pipe.ts';
import { Drain } from './realtime/sessions/drain.ts';

/** Most bytes of a request body. */
const BODY_LIMIT = 256 * 1024;
/** Clients that may wait to be let in: all that a node had come at once when it starts again. The system may allow less. */
const BACKLOG = 16_384;
/** Bytes that may wait in a socket before its writer is to stop; it bounds what a slow client costs. */
const SOCKET_BUFFER = 16 * 1024;
/** An identity of 512 characters takes at most 12 bytes a character when percent-encoded. */
const LONGEST_PATH_SEGMENT = 512 * 12;

/** Starts the service as the environment says; what keeps it from starting is one line on stderr. */
export async function run(): Promise<void> {
  try {
    const settings = readSettings(process.env);
    const credentials = loadCredentials(settings);
    const stores = await openStores(settings);
    const app = await createApp(settings, credentials, stores);
    await listen(app, stores, settings);
    announce(app, settings, credentials);
    stopOnSignal(app, stores);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** Workers run before the port is taken: where it cannot be, they stop again, and so the process ends. */
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
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    clientErrorHandler: answerClientError,
    frameworkErrors: answerFrameworkError,
    genReqId: requestIdOf,
    http: {
      // Clients that offer HTTP/2 with every request, as Java's does, are answered in HTTP/1.1.
      shouldUpgradeCallback: ({ headers }) => /^websocket$/i.test(headers.upgrade ?? ''),
      highWaterMark: SOCKET_BUFFER,
    },
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/v1(?=\/)/, '/v2'),
    routerOptions: { maxParamLength: LONGEST_PATH_SEGMENT, ignoreTrailingSlash: true },
  });
  const context = { settings, credentials, stores, clock: () => new Date() };
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(context),
    adapter,
    { logger: createLogger(settings), abortOnError: false },
  );
  const fastify = adapter.getInstance();
  fastify.removeContentTypeParser('text/plain');
  readBodies(app, BODY_LIMIT);
  returnRequestId(fastify);
  allowCrossOrigin(fastify);
  respectBodyLimits(fastify);
  requireAuthentication(fastify, new BasicAuthentication(credentials));
  app.useGlobalFilters(new ErrorFilter());
  app.useGlobalPipes(new ParametersPipe());
  serveOpenApi(app);
  return app;
}

/**
 * The stores close last: whoever stops before them may still have something to record. The first signal lets
 * clients move, the second lets none of them wait, and the third asks nobody.
 */
function stopOnSignal(app: NestFastifyApplication, stores: Stores): void {
  let signals = 0;
  const stop = async (): Promise<void> => {
    signals += 1;
    if (signals === 2) app.get(Drain).hurry();
    if (signals > 2) process.exit(1);
    if (signals > 1) return;
    await app.close();
    await stores.close();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop().catch((error: unknown) => {
        process.stderr.write(`Stopping failed: ${String(error)}\n`);
        process.exitCode = 1;
      });
    });
  }
}

function announce(app: NestFastifyApplication, settings: Settings, credentials: Credentials): void {
  const url = app.get(PublicUrl);
  const address = app.getHttpServer().address();
  if (address !== null && typeof address === 'object') url.listeningOn(address.port);
  const lines = [`Reachability is listening on ${url.origin}`];
  if (credentials.fresh) {
    lines.push(
      `Credentials, kept in ${settings.DATA_DIR}/credentials.json and shown only now:`,
      ...madeHere(settings, credentials),
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** What was made just now: whoever set the rest knows it, and logs must not. */
function madeHere(settings: Settings, { accountSid, authToken, apiKeys }: Credentials): string[] {
  const account = [`  ACCOUNT_SID=${accountSid}`, `  AUTH_TOKEN=${authToken}`];
  const keys = [...apiKeys].map(([sid, secret]) => `  API_KEY=${sid}:${secret}`);
  return [
    ...(settings.AUTH_TOKEN === undefined ? account : []),
    ...(settings.API_KEYS === undefined ? keys : []),
  ];
}
