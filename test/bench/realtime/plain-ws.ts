/**
 * The baseline: a plain `ws` server that only forwards changes, without tokens, log or heartbeats. It implements the
 * part of `/stream` that the clients of the benches use, so that the same clients load it. A client that connects with
 * `token=<name>` is the User `<name>`, is online until its socket ends, and may watch others.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { WebSocketServer, type WebSocket } from 'ws';

const watchers = new Map<string, Set<WebSocket>>();
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
let changes = 0;

const version = (): string => `plain:${String(changes).padStart(20, '0')}`;

function publish(sid: string, isOnline: boolean): void {
  changes += 1;
  const change = {
    type: 'change',
    sid,
    is_online: isOnline,
    is_notifiable: false,
    version: version(),
  };
  const text = JSON.stringify(change);
  for (const socket of watchers.get(sid) ?? []) socket.send(text);
}

function watch(socket: WebSocket, watched: Set<WebSocket>[], sids: readonly string[]): void {
  for (const sid of sids) {
    const set = watchers.get(sid) ?? new Set();
    watchers.set(sid, set.add(socket));
    watched.push(set);
  }
  socket.send(
    JSON.stringify({ type: 'snapshot', users: [], unknown: sids, version: version(), done: true }),
  );
}

const http = createServer((request, response) => {
  response.end(`nodejs_eventloop_lag_p99_seconds ${delay.percentile(99) / 1e9}\n`);
  if (request.url === '/metrics') delay.reset();
});
const server = new WebSocketServer({
  server: http,
  perMessageDeflate: false,
  clientTracking: false,
  maxPayload: 65_536,
});
server.on('connection', (socket, request) => {
  const sid = new URL(request.url ?? '/', 'http://localhost').searchParams.get('token') ?? '';
  const watched: Set<WebSocket>[] = [];
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString('utf8')) as { type: string; users?: string[] };
    if (frame.type === 'watch') watch(socket, watched, frame.users ?? []);
    else if (frame.type === 'bye') socket.close(1000);
  });
  socket.on('error', () => socket.terminate());
  socket.once('close', () => {
    for (const set of watched) set.delete(socket);
    publish(sid, false);
  });
  const ready = { type: 'ready', connection_sid: sid, user_sid: sid, version: version() };
  socket.send(JSON.stringify(ready));
  publish(sid, true);
});
http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  process.send?.({ port: (http.address() as AddressInfo).port });
});
process.once('disconnect', () => process.exit());
