import { Fields } from '../protocol/fields.ts';
import type { StreamEvent } from './event-stream.ts';

/** What every event has. */
interface Versioned {
  /** Store it after you have handled the event, and pass it as `since` to go on from there. */
  readonly version: string;
}

interface Caused {
  /** When the event took effect, ISO 8601. */
  readonly time: string;
  /** Type of the event in the log, such as `ConnectionClosed`. */
  readonly event: string;
}

/** The answer about a User changed, or the User was created. */
export interface UserChanged extends Versioned, Caused {
  readonly type: 'change';
  readonly sid: string;
  readonly identity: string;
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly reasonCode: string;
  /** Since when the answer holds, ISO 8601. */
  readonly since: string;
  readonly lastOnline: string | null;
  readonly openConnections: number;
  /** Why a Connection closed; null for any other event. */
  readonly cause: string | null;
}

/** A User was deleted. */
export interface UserGone extends Versioned, Caused {
  readonly type: 'gone';
  readonly sid: string;
  readonly identity: string;
}

/** Reachability was enabled or disabled: both values of every User are null from here on. Or the Service was deleted. */
export interface ServiceChanged extends Versioned, Caused {
  readonly type: 'service';
  readonly isReachabilityEnabled: boolean;
  readonly isDeleted: boolean;
}

/** The feed begins: a snapshot that shows this version, and the events from here on, miss nothing. */
export interface FeedStarted extends Versioned {
  readonly type: 'start';
}

/** Take a new snapshot, of this version: the feed could not go on from where you were. */
export interface ResyncNeeded extends Versioned {
  readonly type: 'resync';
  /** `epoch`: the log was restored or replaced. `gap`: it lacks that version. `history`: its past was completed. */
  readonly reason: string;
}

export type FeedEvent = FeedStarted | UserChanged | UserGone | ServiceChanged | ResyncNeeded;

/** The server ends the feed for good. */
export interface FeedEnded {
  readonly type: 'end';
  readonly reason: string;
}

/**
 * Returns the event of a feed; null for one that this package does not know.
 *
 * @throws ReachabilityError `protocol_error`
 */
export function parseFeedEvent({ event: type, data }: StreamEvent): FeedEvent | FeedEnded | null {
  const fields = new Fields(parseJson(data));
  if (type === 'end') return { type, reason: fields.string('reason') };
  const version = (): string => fields.string('version');
  if (type === 'start') return { type, version: version() };
  if (type === 'resync') return { type, version: version(), reason: fields.string('reason') };
  const caused = (): Versioned & Caused => ({
    version: version(),
    time: fields.string('time'),
    event: fields.string('event'),
  });
  const user = () => ({ sid: fields.string('sid'), identity: fields.string('identity') });
  switch (type) {
    case 'gone':
      return { type, ...user(), ...caused() };
    case 'service':
      return {
        type,
        isReachabilityEnabled: fields.boolean('reachability_enabled'),
        isDeleted: fields.boolean('deleted'),
        ...caused(),
      };
    case 'change':
      return {
        type,
        ...user(),
        isOnline: fields.booleanOrNull('is_online'),
        isNotifiable: fields.booleanOrNull('is_notifiable'),
        reasonCode: fields.string('reason_code'),
        since: fields.string('since'),
        lastOnline: fields.optional('last_online', (name) => fields.string(name)),
        openConnections: fields.number('open_connections'),
        cause: fields.optional('cause', (name) => fields.string(name)),
        ...caused(),
      };
    default:
      return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
