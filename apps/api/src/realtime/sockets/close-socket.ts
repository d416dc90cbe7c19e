import type { WebSocket } from 'ws';

/** Closes a socket, paused or not. One whose client does not answer is cut off, as the server of sockets is set to. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.resume();
  socket.close(code, reason);
}
