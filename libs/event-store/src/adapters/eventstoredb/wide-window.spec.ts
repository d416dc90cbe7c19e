import { once } from 'node:events';
import { connect, createServer, type ClientHttp2Session, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WINDOW_BYTES, widenWindows } from './wide-window.ts';

const HTTP2_WINDOW_BYTES = 65_535;

let server: Http2Server;
const sessions: ClientHttp2Session[] = [];

beforeEach(async () => {
  server = createServer();
  server.on('stream', (stream) => stream.respond());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** Makes a request under a name, the way the client library gives it, and settles once it is answered. */
async function request(connectionName: string): Promise<ClientHttp2Session> {
  const { port } = server.address() as AddressInfo;
  const session = connect(`http://127.0.0.1:${port}`);
  sessions.push(session);
  const stream = session.request({ ':path': '/read', 'connection-name': [connectionName] });
  await once(stream, 'response');
  if (session.pendingSettingsAck) await once(session, 'localSettings');
  return session;
}

describe('Widening windows', () => {
  it('lets the server send megabytes ahead, on the connection and on each of its streams', async () => {
    const stop = widenWindows('reader');
    const session = await request('reader');
    stop();
    expect(session.localSettings.initialWindowSize).toBe(WINDOW_BYTES);
    expect(session.state.effectiveLocalWindowSize).toBe(WINDOW_BYTES);
  });

  it('leaves connections of others alone', async () => {
    const stop = widenWindows('reader');
    const session = await request('somebody else');
    stop();
    expect(session.localSettings.initialWindowSize).toBe(HTTP2_WINDOW_BYTES);
    expect(session.state.effectiveLocalWindowSize).toBe(HTTP2_WINDOW_BYTES);
  });

  it('leaves connections alone once it is stopped', async () => {
    widenWindows('reader')();
    const session = await request('reader');
    expect(session.localSettings.initialWindowSize).toBe(HTTP2_WINDOW_BYTES);
  });
});
