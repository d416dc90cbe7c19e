import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Bytes of one direction on their way, in order, each piece as late as the link was when it came. */
class Pipe {
  readonly #target: Socket;
  /** Delay of a link that is quick. */
  delayMs = 0;
  #blocked = false;
  #waiting: (() => void)[] = [];
  #lastDueAt = 0;

  constructor(target: Socket) {
    this.#target = target;
  }

  write(chunk: Buffer): void {
    this.#later(() => this.#target.write(chunk));
  }

  end(): void {
    this.#later(() => this.#target.end());
  }

  reset(): void {
    this.#later(() => this.#target.resetAndDestroy());
  }

  /** Lets nothing through until {@link release}. */
  block(): void {
    this.#blocked = true;
  }

  release(): void {
    this.#blocked = false;
    for (const send of this.#waiting.splice(0)) send();
  }

  #later(send: () => void): void {
    const now = Date.now();
    this.#lastDueAt = Math.max(this.#lastDueAt, now + this.delayMs);
    if (this.#lastDueAt <= now) this.#send(send);
    else setTimeout(() => this.#send(send), this.#lastDueAt - now);
  }

  #send(send: () => void): void {
    if (this.#blocked) this.#waiting.push(send);
    else if (!this.#target.destroyed) send();
  }
}

/** One connection through the proxy, and what can befall it. */
export class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: Pipe;
  readonly #down: Pipe;

  constructor(client: Socket, server: Socket) {
    this.#client = client;
    this.#server = server;
    this.#up = new Pipe(server);
    this.#down = new Pipe(client);
    join(client, this.#up);
    join(server, this.#down);
  }

  /** Resets both ends, as a middle box does that lost its state. */
  cut(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  /** Resets the server's end only: the client still believes in its connection. */
  loseServer(): void {
    this.#down.block();
    this.#server.resetAndDestroy();
  }

  /** Lets nothing through, and says so to nobody: each end still believes in the connection. */
  stall(): void {
    this.#up.block();
    this.#down.block();
  }

  /** Lets through what came meanwhile, and all that comes. */
  release(): void {
    this.#up.release();
    this.#down.release();
  }

  /** Whatever comes from now on is so late, in both directions. */
  delay(ms: number): void {
    this.#up.delayMs = ms;
    this.#down.delayMs = ms;
  }
}

/** A TCP proxy in front of one server, whose links fail as networks do. */
export class TcpProxy {
  readonly #server: Server;
  readonly #links = new Map<number, Link>();
  readonly #sockets = new Set<Socket>();

  #port = 0;

  private constructor(target: () => number) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const upstream = connect({
        host: '127.0.0.1',
        port: target(),
        allowHalfOpen: true,
        noDelay: true,
      });
      const link = new Link(client, upstream);
      const port = client.remotePort ?? 0;
      this.#links.set(port, link);
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      }
      upstream.once('close', () => {
        if (this.#links.get(port) === link) this.#links.delete(port);
      });
    });
  }

  /** @param target port of the server on 127.0.0.1, asked anew for each connection */
  static async start(target: () => number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1', 4_096);
    await once(proxy.#server, 'listening');
    proxy.#port = (proxy.#server.address() as AddressInfo).port;
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** The link of a client by the port that it connects from; undefined where the server's end has closed. */
  link(clientPort: number): Link | undefined {
    return this.#links.get(clientPort);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function join(source: Socket, pipe: Pipe): void {
  let over = false;
  source.on('data', (chunk) => pipe.write(chunk));
  source.once('end', () => {
    over = true;
    pipe.end();
  });
  source.on('error', () => undefined);
  source.once('close', () => {
    if (!over) pipe.reset();
  });
}
