import { Inject, Injectable } from '@nestjs/common';
import type { EventStore, Position } from '#event-store';
import { EVENT_STORE } from '../../../platform/injection-tokens.ts';

/** Digits of a position that order events; an adapter may append more for its own use. */
const ORDINAL_DIGITS = 20;
const TIME_ORIGIN = Date.UTC(2020, 0, 1);
/** With this number, ids stay below 2^53 until the year 2159. */
const IDS_PER_MILLISECOND = 2_048;

/**
 * Ids of Sync events. Clients compare them as numbers, across connections and nodes, and drop what is not newer.
 *
 * In the first epoch of a log, an id is the position of the change. A renewed epoch begins with an id that its start time
 * gives: the log went back, and the ids of the events that it lost must not be newer than those that replace them. All
 * changes before the start have that first id, so every client gets them once. A time needs no memory of the lost
 * events. It is greater than every former id, unless the log grew by more than {@link IDS_PER_MILLISECOND} positions in
 * each millisecond since the former epoch began. Exact up to 2^53.
 */
@Injectable()
export class EventIds {
  /** The id of a change that is as old as the epoch, or older. */
  readonly first: number;
  readonly #start: number;

  constructor(@Inject(EVENT_STORE) { epochStart }: Pick<EventStore, 'epochStart'>) {
    const time = Math.max(TIME_ORIGIN, epochStart?.time ?? 0);
    this.first = (time - TIME_ORIGIN) * IDS_PER_MILLISECOND;
    this.#start = ordinalOf(epochStart?.position ?? '0');
  }

  of(position: Position): number {
    return this.first + Math.max(0, ordinalOf(position) - this.#start);
  }

  /** Returns the id for a version of the present epoch, `<epoch>:<position>`. */
  ofVersion(version: string): number {
    return this.of(version.slice(version.indexOf(':') + 1));
  }
}

function ordinalOf(position: Position): number {
  return Number(position.slice(0, ORDINAL_DIGITS));
}
