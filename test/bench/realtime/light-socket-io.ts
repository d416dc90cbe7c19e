import type { LightLink, LightListener } from './light-client.ts';
import { LightWebSocket, TEXT } from './light-web-socket.ts';

/** Packets of Engine.IO 4 and Socket.IO 5: https://socket.io/docs/v4/socket-io-protocol/ */
const OPEN = '0';
const PING = '2';
const PONG = '3';
const CONNECT = '40';
const FRAME_START = '42["frame",';

/** Exchanges frames as the event `frame` of Socket.IO, over a WebSocket from the start. */
export class LightSocketIo implements LightLink {
  readonly #socket: LightWebSocket;
  readonly #listener: LightListener;

  constructor(port: number, query: string, listener: LightListener) {
    this.#listener = listener;
    const path = `/socket.io/?EIO=4&transport=websocket&${query}`;
    this.#socket = new LightWebSocket(
      { port, path, opcode: TEXT },
      {
        message: (payload) => this.#read(payload.toString('utf8')),
        closed: (why) => listener.closed(why),
      },
    );
  }

  send(frame: object): void {
    this.#write(`${FRAME_START}${JSON.stringify(frame)}]`);
  }

  mute(): void {
    this.#socket.mute();
  }

  drop(): void {
    this.#socket.drop();
  }

  #read(packet: string): void {
    if (packet.startsWith(FRAME_START)) {
      this.#listener.message(packet.slice(FRAME_START.length, -1));
    } else if (packet === PING) this.#write(PONG);
    else if (packet.startsWith(OPEN)) this.#write(CONNECT);
  }

  #write(packet: string): void {
    this.#socket.send(Buffer.from(packet));
  }
}
