import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Settings } from '#shared/settings/settings';
import { Readiness } from '../../platform/health/readiness.ts';
import { LocalNode } from '../../cluster/local-node.ts';
import { Drain } from './drain.ts';
import { Fencing } from './fencing.ts';
import { LogFeed } from '../watching/log-feed.ts';
import { SocketServer } from '../sockets/socket-server.ts';
import { ChangePublisher } from '../watching/change-publisher.ts';

/** Order of start and stop: the node is in the log before the first socket and until after the last. */
@Injectable()
export class RealtimeLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #serves: boolean;
  readonly #http: HttpAdapterHost<FastifyAdapter>;
  readonly #node: LocalNode;
  readonly #hub: ChangePublisher;
  readonly #feed: LogFeed;
  readonly #sockets: SocketServer;
  readonly #fencing: Fencing;
  readonly #drain: Drain;
  readonly #readiness: Readiness;

  constructor(
    settings: Settings,
    http: HttpAdapterHost<FastifyAdapter>,
    node: LocalNode,
    hub: ChangePublisher,
    feed: LogFeed,
    sockets: SocketServer,
    fencing: Fencing,
    drain: Drain,
    readiness: Readiness,
  ) {
    this.#serves = settings.ROLE !== 'worker';
    this.#http = http;
    this.#node = node;
    this.#hub = hub;
    this.#feed = feed;
    this.#sockets = sockets;
    this.#fencing = fencing;
    this.#drain = drain;
    this.#readiness = readiness;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.#serves) return;
    this.#sockets.attach(this.#http.httpAdapter.getInstance().server);
    await this.#node.start();
    await this.#hub.start();
    this.#sockets.open();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#readiness.suspend('stopping');
    this.#sockets.refuse();
    await this.#fencing.stop();
    this.#sockets.refuse();
    await this.#drain.run();
    await this.#node.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#feed.stop();
  }
}
