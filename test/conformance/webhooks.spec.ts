import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import { freePorts } from '../support/free-ports.ts';
import { startProgram, type Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { WebhookReceiver, type ReceivedRequest } from '../support/webhook-receiver.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Webhooks of the built program, set up with Twilio's REST helper and checked with Twilio's validator, as in back ends
 * written for Programmable Chat.
 */
let program: Program;
let receiver: WebhookReceiver;
let client: twilio.Twilio;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  program = await startProgram({ env: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' } });
  client = twilio(program.credentials.accountSid, program.credentials.authToken);
  client.chat.baseUrl = program.url;
});
afterAll(async () => {
  await program.stop();
  await receiver.stop();
});

/** The first webhook of a Service with these settings, about a User with special characters. */
async function webhookOf(postWebhookUrl: string, webhookMethod: string): Promise<ReceivedRequest> {
  receiver.received.length = 0;
  const { sid } = await client.chat.v2.services.create({ friendlyName: 'Support' });
  await client.chat.v2
    .services(sid)
    .update({ postWebhookUrl, webhookMethod, webhookFilters: ['onUserAdded'] });
  await client.chat.v2.services(sid).users.create({
    identity: "a?b'c d/ü😀&=+%",
    friendlyName: 'Ann "the" <Able>',
    attributes: JSON.stringify({ level: 3, note: 'a & b = c' }),
    xTwilioWebhookEnabled: 'true',
  });
  const [request] = await receiver.waitFor(1);
  if (request === undefined) throw new Error('No webhook was received');
  return request;
}

/** A request as Express passes it to Twilio's middleware. */
function asExpress({ headers, url, method, parameters }: ReceivedRequest) {
  const { pathname, search } = new URL(url);
  return {
    protocol: 'http',
    headers,
    header: (name: string) => headers[name.toLowerCase()] as string | undefined,
    url,
    originalUrl: pathname + search,
    rawBody: undefined,
    body: method === 'GET' ? {} : parameters,
  };
}

describe("Twilio's validator", () => {
  it.each([
    ['POST', '/hooks'],
    ['POST', '/hooks?key=a%20b&c='],
    ['POST', "/it's/a(path)"],
    ['POST', ''],
    ['GET', '/hooks'],
    ['GET', '/hooks?key=value'],
  ])('accepts a webhook sent as %s to "%s", and rejects changed ones', async (method, path) => {
    const origin = receiver.url.replace(/\/hooks$/, '');
    const request = await webhookOf(origin + path, method);
    const { authToken } = program.credentials;
    const signature = String(request.headers['x-twilio-signature']);
    const form = method === 'GET' ? {} : { ...request.parameters };
    expect(request.method).toBe(method);
    expect(request.parameters).toMatchObject({
      Identity: "a?b'c d/ü😀&=+%",
      EventType: 'onUserAdded',
    });
    expect(twilio.validateRequest(authToken, signature, request.url, form)).toBe(true);
    expect(twilio.validateIncomingRequest(asExpress(request), authToken)).toBe(true);
    expect(twilio.validateRequest('f'.repeat(32), signature, request.url, form)).toBe(false);
    expect(twilio.validateRequest(authToken, signature, `${request.url}x`, form)).toBe(false);
    if (method === 'POST') {
      const forged = { ...form, Identity: 'somebody else' };
      expect(twilio.validateRequest(authToken, signature, request.url, forged)).toBe(false);
    }
  });
});

describe('The example receiver', () => {
  it('prints webhooks and rejects unsigned ones', async () => {
    const { authToken } = program.credentials;
    const [port = 0] = await freePorts(1);
    const example = spawn(process.execPath, ['examples/webhook-receiver.mjs'], {
      cwd: ROOT,
      env: { AUTH_TOKEN: authToken, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      let output = '';
      example.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      await until('the receiver', () => output.includes('Waiting') || undefined);
      const url = `http://127.0.0.1:${port}/hooks`;
      const forged = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams({ Identity: 'x' }),
      });
      expect(forged.status).toBe(403);
      const { sid } = await client.chat.v2.services.create({ friendlyName: 'Support' });
      const service = client.chat.v2.services(sid);
      await service.update({ postWebhookUrl: url, webhookFilters: ['onUserAdded'] });
      await service.users.create({ identity: 'ann', xTwilioWebhookEnabled: 'true' });
      await until('the webhook', () => output.includes('onUserAdded ann') || undefined);
    } finally {
      example.kill();
    }
  });
});
