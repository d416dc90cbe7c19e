import { Inject, Injectable, Logger } from '@nestjs/common';
import { OUTAGE_RETRY, retryUntilAborted } from '#event-store';
import { LocalNode } from '../../cluster/local-node.ts';
import { Readiness } from '../../platform/health/readiness.ts';
import { SocketServer } from '../sockets/socket-server.ts';
import { LogFeed } from '../watching/log-feed.ts';
import { Sessions } from './sessions.ts';
import { logFailure } from '../../platform/log-failure.ts';

/**
 * Recovers when other nodes have declared this one lost while it was stopped. Its Connections count as closed, so it
 * closes every socket and starts as a new incarnation, to which the clients reconnect.
 */
@Injectable()
export class Fencing {
  readonly #logger = new Logger(Fencing.name);
  readonly #stopping = new AbortController();
  #recovery: Promise<void> = Promise.resolve();

  constructor(
    private readonly node: LocalNode,
    private readonly sessions: Sessions,
    @Inject(SocketServer)
    private readonly sockets: Pick<SocketServer, 'startAccepting' | 'stopAccepting'>,
    @Inject(Readiness) private readonly readiness: Pick<Readiness, 'suspend' | 'resume'>,
    feed: LogFeed,
  ) {
    node.onLost(() => this.#fence());
    feed.onEvent(({ event }) => node.onEvent(event));
  }

  /** Starts no further incarnation. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#recovery;
  }

  #fence(): void {
    this.#logger.warn('Other nodes declared this node lost: its clients have to reconnect');
    this.sockets.stopAccepting();
    const ended = this.sessions.terminateAll('node_lost');
    if (!this.#stopping.signal.aborted) this.readiness.suspend('node_lost');
    this.#recovery = Promise.all([this.#recovery, ended]).then(() => this.#recover());
  }

  async #recover(): Promise<void> {
    const restart = async (): Promise<void> => {
      await this.node.restart();
      this.sockets.startAccepting();
      this.readiness.resume();
    };
    await retryUntilAborted(OUTAGE_RETRY, this.#stopping.signal, restart, (error) =>
      logFailure(this.#logger, 'error', 'Cannot start a new incarnation; retrying', error),
    );
  }
}
