import { Inject, Injectable, Logger } from '@nestjs/common';
import { backOff, type BackOff } from '#event-store';
import { Readiness } from '../../platform/health/readiness.ts';
import { LocalNode } from '../../cluster/local-node.ts';
import { LogFeed } from '../watching/log-feed.ts';
import { Sessions } from './sessions.ts';
import { SocketServer } from '../sockets/socket-server.ts';

const RETRY: BackOff = { baseMs: 100, capMs: 5_000 };

/**
 * What a process does when the others have given it up while it was stopped: its Connections count as closed, so
 * it lets go of every socket, and goes on as another incarnation, to which the clients come back.
 */
@Injectable()
export class Fencing {
  readonly #logger = new Logger(Fencing.name);
  readonly #node: LocalNode;
  readonly #sessions: Sessions;
  readonly #sockets: Pick<SocketServer, 'open' | 'refuse'>;
  readonly #readiness: Pick<Readiness, 'suspend' | 'resume'>;
  readonly #stopping = new AbortController();
  #recovery: Promise<void> = Promise.resolve();

  constructor(
    node: LocalNode,
    sessions: Sessions,
    @Inject(SocketServer) sockets: Pick<SocketServer, 'open' | 'refuse'>,
    @Inject(Readiness) readiness: Pick<Readiness, 'suspend' | 'resume'>,
    feed: LogFeed,
  ) {
    this.#node = node;
    this.#sessions = sessions;
    this.#sockets = sockets;
    this.#readiness = readiness;
    node.onLost(() => this.#fence());
    feed.onEvent(({ event }) => node.follow(event));
  }

  /** Begins no further incarnation. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#recovery;
  }

  #fence(): void {
    this.#logger.warn('This node was given up by the others: its clients have to connect again');
    this.#sockets.refuse();
    const ended = this.#sessions.endAll('node lost');
    if (!this.#stopping.signal.aborted) this.#readiness.suspend('node_lost');
    this.#recovery = Promise.all([this.#recovery, ended]).then(() => this.#recover());
  }

  async #recover(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.#node.startAgain();
        this.#sockets.open();
        this.#readiness.resume();
        return;
      } catch (error) {
        this.#logger.error(`This node cannot go on yet: ${String(error)}`);
        await backOff(RETRY, failures, signal);
      }
    }
  }
}
