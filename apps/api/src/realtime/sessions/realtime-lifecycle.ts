import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Settings } from '#shared/settings/settings';
import { LocalNode } from '../../cluster/local-node.ts';
import { Readiness } from '../../platform/health/readiness.ts';
import { SocketServer } from '../sockets/socket-server.ts';
import { ChangePublisher } from '../watching/change-publisher.ts';
import { LogFeed } from '../watching/log-feed.ts';
import { ApiKeyFollower } from './api-key-follower.ts';
import { Drain } from './drain.ts';
import { Fencing } from './fencing.ts';

/** Starts and stops in order: the node is in the log before the first socket opens and until the last has closed. */
@Injectable()
export class RealtimeLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    private readonly settings: Settings,
    private readonly http: HttpAdapterHost<FastifyAdapter>,
    private readonly node: LocalNode,
    private readonly publisher: ChangePublisher,
    private readonly keys: ApiKeyFollower,
    private readonly feed: LogFeed,
    private readonly sockets: SocketServer,
    private readonly fencing: Fencing,
    private readonly drain: Drain,
    private readonly readiness: Readiness,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.settings.ROLE === 'worker') {
      this.keys.acceptNone();
      return;
    }
    this.sockets.attach(this.http.httpAdapter.getInstance().server);
    await this.node.start();
    await this.publisher.start();
    await this.keys.start();
    this.sockets.startAccepting();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.readiness.suspend('stopping');
    this.sockets.stopAccepting();
    await this.fencing.stop();
    // A recovery in progress may have started accepting again.
    this.sockets.stopAccepting();
    await this.drain.run();
    await this.node.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.feed.stop();
  }
}
