import type { DatabaseSync } from 'node:sqlite';
import { toPositionNumber } from '#event-store';
import { text, type SqlRow } from '#projections/adapters/columns';
import type { TimelineUser, UserFact } from '../../../timeline/timeline-state.ts';
import type { BindingRow, ConnectionRow, UserRow } from '../../../users/users-state.ts';
import type { LogPositions } from './log-positions.ts';
import { toUserFact } from './user-fact-rows.ts';

/** What facts depend on, of an open Connection. */
type StoredConnection = readonly [sid: string, deviceId: string | null, counted: boolean];

/**
 * The fold states of Users. Their latest fact has most of a state already, so a row of `users` has only what it lacks: the
 * open Connections and the Bindings, as far as later facts depend on them.
 */
export class UserHeads {
  readonly #positions: LogPositions;
  readonly #find;
  readonly #put;

  constructor(db: DatabaseSync, positions: LogPositions) {
    this.#positions = positions;
    this.#find = db.prepare(
      `SELECT fact.*, head.first, head.sid, head.service_sid, head.identity, head.connections,
         head.bindings AS binding_sids
       FROM users AS head JOIN user_facts AS fact ON fact.position = head.latest
       WHERE head.sid = ?`,
    );
    this.#put = db.prepare(
      `INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (first) DO UPDATE SET
         latest = excluded.latest, connections = excluded.connections, bindings = excluded.bindings`,
    );
  }

  find(userSid: string): TimelineUser | null {
    const row = this.#find.get(userSid);
    if (row === undefined) return null;
    const owner = { userSid: text(row, 'sid'), serviceSid: text(row, 'service_sid') };
    const fact = toUserFact(row, owner, this.#positions);
    const { position: latest, valueChange: turn, ordinal } = fact;
    const identity = text(row, 'identity');
    return {
      kind: 'user',
      sid: owner.userSid,
      serviceSid: owner.serviceSid,
      identity,
      row: fact.exists ? toUserRow(row, identity, fact) : null,
      first: this.#positions.in(row, 'first'),
      latest,
      turn,
      ordinal,
      unwritten: null,
    };
  }

  /** @param sid from the User's stream */
  save(sid: string, { serviceSid, identity, row, first, latest }: TimelineUser): void {
    this.#put.run(
      toPositionNumber(first),
      sid,
      serviceSid,
      identity,
      toPositionNumber(latest),
      listText(row?.connections, toStored),
      listText(row?.bindings, (binding) => binding.sid),
    );
  }
}

function listText<Item>(items: readonly Item[] = [], toJson: (item: Item) => unknown): string {
  return items.length === 0 ? '[]' : JSON.stringify(items.map(toJson));
}

function toStored({ sid, deviceId, counted }: ConnectionRow): StoredConnection {
  return [sid, deviceId, counted];
}

/** The row of a User with what facts depend on; the rest of it is empty. */
function toUserRow(row: SqlRow, identity: string, fact: UserFact): UserRow {
  // Only this program writes them.
  const connections = JSON.parse(text(row, 'connections')) as StoredConnection[];
  const bindings = JSON.parse(text(row, 'binding_sids')) as string[];
  const { at, position } = fact;
  return {
    kind: 'user',
    sid: fact.userSid,
    serviceSid: fact.serviceSid,
    identity,
    friendlyName: null,
    attributes: '',
    roleSid: null,
    createdAt: fact.createdAt,
    createdPosition: position,
    updatedAt: at,
    changedPosition: position,
    lastConnectPosition: fact.lastConnectPosition,
    answerFlag: null,
    answeredSince: fact.answeredSince,
    onlineChangedAt: fact.onlineChangedAt,
    lastOnlineAt: fact.lastOnlineAt,
    connections: connections.map(([sid, deviceId, counted]): ConnectionRow => ({
      sid,
      deviceId,
      counted,
      transport: 'http',
      node: null,
      ttlSeconds: null,
      openedAt: at,
      openedPosition: position,
    })),
    bindings: bindings.map((sid): BindingRow => ({
      sid,
      bindingType: 'fcm',
      address: '',
      endpoint: '',
      createdAt: at,
      createdPosition: position,
      updatedAt: at,
    })),
  };
}
