/**
 * Receives webhooks, checks that they come from your server, and prints which User came online or left.
 *
 *   AUTH_TOKEN=... node examples/webhook-receiver.mjs
 *
 * Then let a Service send them here:
 *
 *   curl -u "$ACCOUNT_SID:$AUTH_TOKEN" http://127.0.0.1:3000/v2/Services/IS... \
 *     -d PostWebhookUrl=http://127.0.0.1:4000/hooks -d WebhookFilters=onUserAdded -d WebhookFilters=onUserUpdated
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import twilio from 'twilio';

const { AUTH_TOKEN, PORT = '4000' } = process.env;
if (!AUTH_TOKEN) {
  process.stderr.write('Set AUTH_TOKEN to the token of the server\n');
  process.exit(1);
}
/** The origin of the Service's PostWebhookUrl. Behind a proxy it differs from this server's own. */
const origin = process.env.ORIGIN ?? `http://127.0.0.1:${PORT}`;

/** The latest version of each User. Webhooks can arrive twice, and retried ones late. */
const versions = new Map();

const print = (line) => process.stdout.write(`${line}\n`);

const server = createServer(async (request, response) => {
  const parameters = Object.fromEntries(new URLSearchParams(await text(request)));
  const signature = request.headers['x-twilio-signature'] ?? '';
  if (!twilio.validateRequest(AUTH_TOKEN, signature, origin + request.url, parameters)) {
    response.writeHead(403).end();
    return;
  }
  response.writeHead(204).end();
  const { EventType, Identity, UserSid, IsOnline, IsNotifiable, Version } = parameters;
  const known = versions.get(UserSid) ?? '';
  // The part before the colon is the epoch. Versions of different epochs do not compare.
  if (Version.split(':')[0] === known.split(':')[0] && Version <= known) return;
  versions.set(UserSid, Version);
  print(`${EventType} ${Identity} online=${IsOnline} notifiable=${IsNotifiable}`);
});
server.listen(Number(PORT), '127.0.0.1', () => print(`Waiting for webhooks at ${origin}`));
