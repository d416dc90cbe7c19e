import { connect, type Socket } from 'node:net';
import mqtt, { type Packet } from 'mqtt-packet';
import type { LightLink, LightListener } from './light-client.ts';

const ONLINE = '1';
const OFFLINE = '0';

/**
 * Does over MQTT 3.1.1 what a client of `/stream` does: it publishes that its User comes and goes to a topic of the User, and
 * subscribes to those of others. Its listener gets frames that stand for MQTT's packets.
 */
export class LightMqtt implements LightLink {
  readonly #socket: Socket;
  readonly #listener: LightListener;
  readonly #name: string;
  #isMuted = false;

  constructor(port: number, query: string, listener: LightListener) {
    this.#listener = listener;
    this.#name = new URLSearchParams(query).get('token') ?? '';
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const parser = mqtt.parser({ protocolVersion: 4 });
    parser.on('packet', (packet: Packet) => this.#read(packet));
    this.#socket.on('connect', () =>
      this.#write({ cmd: 'connect', clientId: this.#name, clean: true, keepalive: 0 }),
    );
    this.#socket.on('data', (chunk) => parser.parse(chunk));
    let end = 'cut off';
    this.#socket.on('error', (error: NodeJS.ErrnoException) => (end = error.code ?? error.message));
    this.#socket.once('close', () => listener.closed(end));
  }

  send(frame: { readonly type?: string; readonly users?: readonly string[] }): void {
    if (frame.type === 'watch') this.#subscribe(frame.users ?? []);
    else if (frame.type === 'bye') {
      this.#publish(OFFLINE);
      this.#write({ cmd: 'disconnect' });
    }
  }

  mute(): void {
    this.#isMuted = true;
  }

  drop(): void {
    this.#socket.resetAndDestroy();
  }

  #read(packet: Packet): void {
    if (this.#isMuted) return;
    switch (packet.cmd) {
      case 'connack':
        this.#publish(ONLINE);
        this.#tell({ type: 'ready', connection_sid: this.#name });
        break;
      case 'suback':
        this.#tell({ type: 'snapshot', users: [], done: true });
        break;
      case 'publish':
        this.#tell({
          type: 'change',
          sid: packet.topic,
          is_online: packet.payload.toString() === ONLINE,
        });
    }
  }

  #subscribe(users: readonly string[]): void {
    const subscriptions = users.map((topic) => ({ topic, qos: 0 as const }));
    this.#write({ cmd: 'subscribe', messageId: 1, subscriptions });
  }

  #publish(payload: string): void {
    const packet = { topic: this.#name, payload, qos: 0, dup: false, retain: false } as const;
    this.#write({ cmd: 'publish', ...packet });
  }

  #tell(frame: object): void {
    this.#listener.message(JSON.stringify({ ...frame, version: '' }));
  }

  #write(packet: Packet): void {
    if (!this.#isMuted && this.#socket.writable) this.#socket.write(mqtt.generate(packet));
  }
}
