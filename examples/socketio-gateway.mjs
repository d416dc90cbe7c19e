/**
 * A Socket.IO server whose clients are online in Reachability.
 *
 *     npm install --prefix examples --no-save socket.io
 *     PORT=4001 node examples/socketio-gateway.mjs --service IS..
 *
 * A client connects with `io('http://127.0.0.1:4001', { auth: { identity: 'bob', device: 'laptop' } })`. In production,
 * take the identity from a token that you check.
 */
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';
import { ReportedConnections } from './reported-connections.mjs';

const { values } = parseArgs({ options: { service: { type: 'string' } } });
if (!values.service) {
  console.error('Pass --service');
  process.exit(2);
}

const connections = new ReportedConnections(values.service);
const server = new Server(Number(process.env.PORT ?? 4001));

// A client is let in when its Connection is open, so whoever hears of it finds it online.
server.use(async (socket, next) => {
  const { identity, device = 'socket.io' } = socket.handshake.auth;
  socket.conn.once('close', () => void leave(socket.id));
  try {
    await connections.open(socket.id, String(identity), String(device));
    next();
  } catch (error) {
    next(error);
  }
});
server.on('connection', (socket) => socket.once('disconnect', () => void leave(socket.id)));

async function leave(id) {
  try {
    await connections.close(id);
  } catch (error) {
    console.error(error.message);
  }
}
console.log('listening');

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await connections.closeAll();
    await server.close();
  });
}
