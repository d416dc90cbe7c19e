import { Inject, Injectable } from '@nestjs/common';
import type { TtlEntry, TtlStore } from '#operational-state';
import type { ConnectionOfUser } from '#read-model';
import { TTL_STORE } from '../../platform/injection-tokens.ts';

/** An open Connection, and when it ends unless renewed: null where a socket holds it. */
export interface ConnectionWithDeadline {
  readonly connection: ConnectionOfUser;
  readonly deadline: TtlEntry | null;
}

/** Adds to Connections what neither the log nor the read model knows: until when they live. */
@Injectable()
export class Deadlines {
  readonly #ttls: TtlStore;

  constructor(@Inject(TTL_STORE) ttls: TtlStore) {
    this.#ttls = ttls;
  }

  async of(connection: ConnectionOfUser): Promise<ConnectionWithDeadline> {
    const { sid, ttlSeconds } = connection;
    return { connection, deadline: ttlSeconds === null ? null : await this.#ttls.find(sid) };
  }
}
