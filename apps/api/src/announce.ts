import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Credentials } from '#shared/composition/credentials';
import { publicOrigin } from '#shared/settings/public-origin';
import type { Settings } from '#shared/settings/settings';
import type { ManagementServer } from './platform/management/management-server.ts';
import { PublicAddress } from './platform/http/public-address.ts';

/**
 * Prints where the service, its console and its management port listen, credentials that this start created, and what to
 * try with them. Returns the port.
 */
export function announce(
  app: NestFastifyApplication,
  management: ManagementServer | null,
  settings: Settings,
  credentials: Credentials,
): number {
  const publicAddress = app.get(PublicAddress);
  const address = app.getHttpServer().address();
  const port = address !== null && typeof address === 'object' ? address.port : settings.PORT;
  publicAddress.listeningOn(port);
  const lines = [`Reachability is listening on ${publicAddress.origin}`];
  if (settings.ROLE !== 'worker') lines.push(`The console is at ${publicAddress.origin}/console`);
  if (management !== null) lines.push(`Management is listening on ${management.url}`);
  lines.push(...aboutCredentials(settings, credentials));
  process.stdout.write(`${lines.join('\n')}\n`);
  return port;
}

/** Prints where the service listens while it cannot serve yet. */
export function writeListening({ HOST, PUBLIC_URL }: Settings, port: number): void {
  const publicUrl = PUBLIC_URL === undefined ? {} : { PUBLIC_URL };
  const origin = publicOrigin({ HOST, PORT: port, ...publicUrl });
  process.stdout.write(`Reachability is listening on ${origin}\n`);
}

/**
 * What to print of credentials: those that this start created, or where they are kept. In production the output is a log,
 * which must not hold them.
 */
function aboutCredentials(settings: Settings, credentials: Credentials): string[] {
  const file = `${settings.DATA_DIR}/credentials.json`;
  const isProduction = settings.NODE_ENV === 'production';
  if (!credentials.fresh) {
    return isProduction || settings.AUTH_TOKEN !== undefined
      ? []
      : [`The credentials are in ${file}`];
  }
  if (isProduction) return [`New credentials are in ${file}`];
  return [
    `Credentials, kept in ${file} and shown only now:`,
    ...generated(settings, credentials),
    'Sign in to the console with ACCOUNT_SID and AUTH_TOKEN.',
    'To see Users come and go there, run in a second terminal: npm run demo -- --live',
  ];
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
