import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Settings } from '#shared/settings/settings';
import { OwnIncarnation } from '../nodes/own-incarnation.ts';
import { LogFeed } from './log-feed.ts';
import { Sessions } from './sessions.ts';
import { StreamGateway } from './stream/stream-gateway.ts';
import { WatchHub } from './watch-hub.ts';

/** Order of start and stop: the node is in the log before the first socket and until after the last. */
@Injectable()
export class RealtimeLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #serves: boolean;
  readonly #http: HttpAdapterHost<FastifyAdapter>;
  readonly #node: OwnIncarnation;
  readonly #hub: WatchHub;
  readonly #feed: LogFeed;
  readonly #sessions: Sessions;
  readonly #gateway: StreamGateway;

  constructor(
    settings: Settings,
    http: HttpAdapterHost<FastifyAdapter>,
    node: OwnIncarnation,
    hub: WatchHub,
    feed: LogFeed,
    sessions: Sessions,
    gateway: StreamGateway,
  ) {
    this.#serves = settings.ROLE !== 'worker';
    this.#http = http;
    this.#node = node;
    this.#hub = hub;
    this.#feed = feed;
    this.#sessions = sessions;
    this.#gateway = gateway;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.#serves) return;
    await this.#node.start();
    await this.#hub.start();
    this.#gateway.attach(this.#http.httpAdapter.getInstance().server);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#sessions.stop();
    await this.#gateway.stop();
    await this.#node.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#feed.stop();
  }
}
