/**
 * A presence server with Socket.IO, set up as its guide for performance says, that does the same work as the plain `ws` server: a
 * client that connects with `token=<name>` is the User `<name>`, is online until it disconnects, and may watch others.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Server } from 'socket.io';

/** What `/stream` sends a ping for, and when it gives up. */
const PING_MS = 10_000;
const PONG_MS = 5_000;

const loop = monitorEventLoopDelay({ resolution: 10 });
loop.enable();
const http = createServer((request, response) => {
  response.end(`nodejs_eventloop_lag_p99_seconds ${loop.percentile(99) / 1e9}\n`);
  if (request.url === '/metrics') loop.reset();
});
const io = new Server(http, {
  transports: ['websocket'],
  serveClient: false,
  perMessageDeflate: false,
  pingInterval: PING_MS,
  pingTimeout: PONG_MS,
});

let changes = 0;
const version = (): string => `socket.io:${String(changes).padStart(20, '0')}`;

function publish(sid: string, isOnline: boolean): void {
  changes += 1;
  const state = { sid, is_online: isOnline, is_notifiable: false, version: version() };
  io.to(sid).emit('frame', { type: 'change', ...state });
}

io.on('connection', (socket) => {
  const sid = String(socket.handshake.query['token']);
  // Its guide: the first request takes memory for as long as it is kept.
  Object.assign(socket.conn, { request: null });
  socket.on('frame', ({ type, users = [] }: { type: string; users?: string[] }) => {
    if (type === 'bye') socket.disconnect(true);
    if (type !== 'watch') return;
    void socket.join(users);
    const frame = { type: 'snapshot', users: [], unknown: users, version: version(), done: true };
    socket.emit('frame', frame);
  });
  socket.once('disconnect', () => publish(sid, false));
  socket.emit('frame', { type: 'ready', connection_sid: sid, user_sid: sid, version: version() });
  publish(sid, true);
});
http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  process.send?.({ port: (http.address() as AddressInfo).port });
});
process.once('disconnect', () => process.exit());
