import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Passes bytes on in one direction and in order, each chunk with the delay that applied when it arrived. */
class Pipe {
  readonly #target: Socket;
  delayMs = 0;
  #blocked = false;
  #waiting: (() => void)[] = [];
  #lastDueAt = 0;

  constructor(target: Socket) {
    this.#target = target;
  }

  write(chunk: Buffer): void {
    this.#schedule(() => this.#target.write(chunk));
  }

  end(): void {
    this.#schedule(() => this.#target.end());
  }

  reset(): void {
    this.#schedule(() => this.#target.resetAndDestroy());
  }

  /** Lets nothing through until {@link release}. */
  block(): void {
    this.#blocked = true;
  }

  release(): void {
    this.#blocked = false;
    for (const send of this.#waiting.splice(0)) send();
  }

  #schedule(send: () => void): void {
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

/** One connection through the proxy, with faults that a test can inject. */
export class Link {
  readonly #server: Socket;
  readonly #up: Pipe;
  readonly #down: Pipe;

  constructor(client: Socket, server: Socket) {
    this.#server = server;
    this.#up = new Pipe(server);
    this.#down = new Pipe(client);
    forward(client, this.#up);
    forward(server, this.#down);
  }

  /** Resets the server's end only. The client does not notice. */
  dropServerSide(): void {
    this.#down.block();
    this.#server.resetAndDestroy();
  }

  /** Lets nothing through. Neither end notices. */
  stall(): void {
    this.#up.block();
    this.#down.block();
  }

  /** Lets waiting and new bytes through. */
  release(): void {
    this.#up.release();
    this.#down.release();
  }

  /** Delays all further bytes by `ms`, in both directions. */
  delay(ms: number): void {
    this.#up.delayMs = ms;
    this.#down.delayMs = ms;
  }
}

/** A TCP proxy in front of one server, with faults for each link. */
export class TcpProxy {
  readonly #server: Server;
  readonly #links = new Map<number, Link>();
  readonly #sockets = new Set<Socket>();
  /** Links whose ends have not both closed. */
  readonly #open = new Set<Link>();
  #isCut = false;
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
      this.#open.add(link);
      if (this.#isCut) link.stall();
      let openEnds = 2;
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.once('close', () => {
          this.#sockets.delete(socket);
          openEnds -= 1;
          if (openEnds === 0) this.#open.delete(link);
        });
      }
      upstream.once('close', () => {
        if (this.#links.get(port) === link) this.#links.delete(port);
      });
    });
  }

  /** @param target returns the port of the server on 127.0.0.1; called for each connection */
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

  /** The link of a client by its local port; undefined once the server's end has closed. */
  link(clientPort: number): Link | undefined {
    return this.#links.get(clientPort);
  }

  /**
   * Lets nothing through, not even the end of a connection, until {@link restore}. A new connection is accepted, as the
   * proxy cannot lose a packet, and then hangs.
   */
  cut(): void {
    this.#isCut = true;
    for (const link of this.#open) link.stall();
  }

  /** Lets through what waits since {@link cut}, and what follows. */
  restore(): void {
    this.#isCut = false;
    for (const link of this.#open) link.release();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function forward(source: Socket, pipe: Pipe): void {
  let ended = false;
  source.on('data', (chunk) => pipe.write(chunk));
  source.once('end', () => {
    ended = true;
    pipe.end();
  });
  source.on('error', () => undefined);
  source.once('close', () => {
    if (!ended) pipe.reset();
  });
}
