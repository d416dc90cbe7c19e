import type { WebSocket } from 'ws';

/** Milliseconds that a client has to answer a close frame. */
const PATIENCE_MS = 1_000;

/** Closes a socket, paused or not. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.resume();
  socket.close(code, reason);
  cutOffLater(socket);
}

/** Cuts off a closing socket whose client is gone, or keeps silent. */
export function cutOffLater(socket: WebSocket): void {
  if (socket.readyState === socket.CLOSED) return;
  const timer = setTimeout(() => socket.terminate(), PATIENCE_MS);
  socket.once('close', () => clearTimeout(timer));
}
