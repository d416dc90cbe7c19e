import { once } from 'node:events';
import { WebSocket } from 'ws';
import { encodeFrame } from '../../apps/api/src/realtime/twilsock/frame.ts';
import type { LargeFrame } from './large-frames.ts';
import type { Program } from './program.ts';
import { accessToken } from './stream-client.ts';

/** Times that a message is sent at once. All of them are within the rate of a client. */
const COPIES = 20;

/** Sends a message to `/stream` several times at once, and waits until all were answered or refused. */
export async function sendToStream(
  program: Program,
  service: string,
  { data }: LargeFrame,
): Promise<void> {
  const token = accessToken(program, service, 'ann');
  const socket = new WebSocket(`${program.url.replace(/^http/, 'ws')}/stream?token=${token}`);
  await once(socket, 'message');
  const isOver = over(socket, (message) => message.includes('"pong"'));
  for (let copy = 0; copy < COPIES; copy += 1) socket.send(data);
  socket.send('{"type":"ping"}');
  await isOver;
  socket.terminate();
}

/** Sends a message to Twilio's socket several times at once, and waits until all were answered or refused. */
export async function sendToTwilsock(
  program: Program,
  service: string,
  { data }: LargeFrame,
): Promise<void> {
  const token = accessToken(program, service, 'ann');
  const socket = new WebSocket(`${program.url.replace(/^http/, 'ws')}/v3/wsconnect`);
  await once(socket, 'open');
  socket.send(encodeFrame({ method: 'init', id: 'TM1', token }));
  await once(socket, 'message');
  const isOver = over(socket, (message) => message.includes('"TM2"'));
  for (let copy = 0; copy < COPIES; copy += 1) socket.send(data);
  socket.send(encodeFrame({ method: 'update', id: 'TM2', token }));
  await isOver;
  socket.terminate();
}

/** Settles with the message that is awaited, or with the end of the socket. */
function over(socket: WebSocket, isLast: (message: string) => boolean): Promise<void> {
  return new Promise((resolve) => {
    socket.on('message', (message: Buffer) => {
      if (isLast(message.toString())) resolve();
    });
    socket.once('close', () => resolve());
    socket.on('error', () => undefined);
  });
}
