import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebhookReceiver } from '../../../../../test/support/webhook-receiver.ts';
import { AddressFilter } from './address-filter.ts';
import { guardedLookup } from './guarded-lookup.ts';
import { HttpSender, type SendResult } from './http-sender.ts';
import { signatureOf } from './signature.ts';
import { requestOf } from './webhook-request.ts';

const LOCAL = ['127.0.0.0/8', '::1/128'];

let receiver: WebhookReceiver;
let sender: HttpSender;

beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  sender = new HttpSender(new AddressFilter(LOCAL), { responseTimeoutMs: 500 });
});
afterEach(async () => {
  await sender.close();
  await receiver.stop();
});

function send(url: string, by = sender, isOwned = () => true): Promise<SendResult | 'notOwned'> {
  const delivery = { parameters: [['Identity', 'ann']] as const, idempotencyToken: 'token' };
  const request = requestOf({ url, method: 'POST' }, delivery, {
    current: 'secret',
    previous: null,
  });
  if (request === null) throw new Error('It cannot be sent');
  return by.send(request, isOwned);
}

describe('The HTTP sender', () => {
  it('posts a signed form with the idempotency token, and returns the status', async () => {
    receiver.answer = () => ({ status: 202, headers: { 'retry-after': '7' } });
    expect(await send(`${receiver.url}?a=1`)).toEqual({
      kind: 'answered',
      status: 202,
      retryAfter: '7',
    });
    const [request] = receiver.received;
    expect(request).toMatchObject({ method: 'POST', parameters: { Identity: 'ann' } });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'i-twilio-idempotency-token': 'token',
      'x-twilio-signature': expect.stringMatching(/^[\w+/]{27}=$/),
    });
  });

  it('asks when the connection is open whether it may send, and sends nothing if not', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('It does not listen');
    const bytes: Buffer[] = [];
    const closed = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        socket.on('data', (data) => bytes.push(data)).on('error', () => undefined);
        socket.on('close', () => resolve());
      });
    });
    const sent = await send(`http://127.0.0.1:${address.port}/`, sender, () => false);
    await closed;
    server.close();
    expect(sent).toBe('notOwned');
    expect(bytes).toEqual([]);
  });

  it('sends credentials of the URL as Basic authentication only', async () => {
    await send(receiver.url.replace('http://', 'http://user:p%40ss@'));
    const [request] = receiver.received;
    expect(request?.headers.authorization).toBe(
      `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    );
    expect(request?.url).toBe(receiver.url);
  });

  it.each([
    ['an empty query', '', '/hooks?'],
    ['an empty fragment', '', '/hooks#'],
    ['an empty query and a fragment', '', '/hooks?#part'],
    ['a query and a fragment', '', '/hooks?a=1#part?b'],
    ['an empty path and an empty query', '', '?'],
    ['a user name and a password that are empty', ':@', '/hooks'],
    ['an empty user name and an empty query', '@', '/hooks?'],
    ['a user name without a password', 'user@', '/hooks'],
    ['dots and spaces in the path', '', '/a/../b c//d?e f'],
  ])('signs the URL that it requests, with %s', async (_, credentials, path) => {
    await send(`http://${credentials}127.0.0.1:${receiver.port}${path}`);
    const [request] = receiver.received;
    const signature = String(request?.headers['x-twilio-signature']);
    const { url = '', parameters = {} } = request ?? {};
    expect(signature).toBe(signatureOf('secret', url, Object.entries(parameters)));
  });

  it('follows no redirect', async () => {
    receiver.answer = () => ({ status: 302, headers: { location: `${receiver.url}/other` } });
    expect(await send(receiver.url)).toMatchObject({ kind: 'answered', status: 302 });
    expect(receiver.received).toHaveLength(1);
  });

  it('fails when the response takes longer than the timeout', async () => {
    receiver.answer = () => ({ status: 200, hang: true });
    expect(await send(receiver.url)).toEqual({ kind: 'failed', error: 'No answer within 0.5 s' });
  });

  it('stops reading a long response at the limit', async () => {
    receiver.answer = () => ({ status: 200, body: 'x'.repeat(5_000_000) });
    expect(await send(receiver.url)).toMatchObject({ status: 200 });
    expect(await send(receiver.url)).toMatchObject({ status: 200 });
  });

  it('fails if the connection is refused or the response is not HTTP', async () => {
    const { port } = receiver;
    const server: Server = createServer((socket) => socket.end('HELLO\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const other = address !== null && typeof address === 'object' ? address.port : 0;
    expect(await send(`http://127.0.0.1:${other}/`)).toMatchObject({ kind: 'failed' });
    server.close();
    await receiver.stop();
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'failed' });
    receiver = await WebhookReceiver.start();
  });

  it('opens a new connection if the receiver has closed an idle one', async () => {
    await send(receiver.url);
    const { port } = receiver;
    await receiver.stop();
    receiver = await WebhookReceiver.start(port);
    expect(await send(receiver.url)).toMatchObject({ kind: 'answered', status: 204 });
  });

  it.each([
    'http://127.0.0.1:PORT/',
    'http://0x7f.1:PORT/',
    'http://2130706433:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://localhost:PORT/',
    'http://169.254.169.254/latest/meta-data/',
  ])('does not go to %s unless that is allowed', async (url) => {
    const strict = new HttpSender(new AddressFilter());
    const result = await send(url.replace('PORT', String(receiver.port)), strict);
    await strict.close();
    expect(result).toMatchObject({ kind: 'forbidden' });
    expect(receiver.received).toHaveLength(0);
  });
});

describe('The guarded lookup', () => {
  const resolveTo =
    (...addresses: readonly string[]) =>
    (
      _: string,
      __: object,
      done: (error: null, found: { address: string; family: number }[]) => void,
    ) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );

  const lookUp = (addresses: readonly string[], all: boolean): Promise<unknown> =>
    new Promise((resolve) => {
      const lookup = guardedLookup(new AddressFilter(), resolveTo(...addresses));
      lookup('example.com', { all }, (error, address) => resolve(error ?? address));
    });

  it('returns the addresses that were checked', async () => {
    const [first, second] = ['8.8.8.8', '2606:4700::1'];
    expect(await lookUp([first, second], true)).toEqual([
      { address: first, family: 4 },
      { address: second, family: 6 },
    ]);
    expect(await lookUp([first, second], false)).toBe(first);
  });

  it('fails if any address is forbidden', async () => {
    expect(await lookUp(['8.8.8.8', '10.0.0.1'], true)).toMatchObject({
      code: 'WEBHOOK.FORBIDDEN_ADDRESS',
    });
  });
});
