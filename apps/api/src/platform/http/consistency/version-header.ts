import type { EventLog, Position } from '#event-store';
import { invalidParameter } from '#twilio-wire/twilio-error';

/**
 * Header with a version. Of an answer to a write: that of the write. Of a read: the one that it must show. Of an answer
 * to a read: the one that it shows, with everything before it.
 */
export const VERSION_HEADER = 'X-Reachability-Version';

const VERSION = /^(?<epoch>[^:\s]{1,64}):(?<position>\d{1,40})$/;

/** A version that a reader names. */
export interface NamedVersion {
  /** Null for a version of another epoch, whose positions are not those of this log. */
  readonly position: Position | null;
  /**
   * False for an epoch that the log never had, as far as this process knows. It may be about to learn that the log was
   * restored and has a new epoch.
   */
  readonly isOfLog: boolean;
}

/**
 * Returns the version in a header; null without one.
 *
 * @throws TwilioError when it is not a version
 */
export function versionInHeader(
  header: string | readonly string[] | undefined,
  { epoch, formerEpochs }: Pick<EventLog, 'epoch' | 'formerEpochs'>,
): NamedVersion | null {
  if (header === undefined) return null;
  const { groups = {} } = VERSION.exec(String(header)) ?? {};
  const { epoch: named, position } = groups;
  if (named === undefined || position === undefined) {
    throw invalidParameter(`${VERSION_HEADER} must be a version such as ${epoch}:0000000000000042`);
  }
  if (named === epoch) return { position, isOfLog: true };
  return { position: null, isOfLog: formerEpochs.includes(named) };
}
