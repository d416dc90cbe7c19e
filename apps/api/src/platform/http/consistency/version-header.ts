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
  const version = parseVersion(VERSION_HEADER, header === undefined ? undefined : String(header));
  if (version === null) return null;
  const { epoch: named, position } = version;
  if (named === epoch) return { position, isOfLog: true };
  return { position: null, isOfLog: formerEpochs.includes(named) };
}

/** An epoch, and a position in the log of that epoch. */
export interface Version {
  readonly epoch: string;
  readonly position: Position;
}

/**
 * Returns the version that a parameter or header has; null without one.
 *
 * @param name of the parameter or header, for the error
 * @throws TwilioError when it is not a version
 */
export function parseVersion(name: string, text: string | undefined): Version | null {
  if (text === undefined) return null;
  const { epoch, position } = VERSION.exec(text)?.groups ?? {};
  if (epoch === undefined || position === undefined) {
    throw invalidParameter(`${name} must be a version such as 5f0c2a:0000000000000042`);
  }
  return { epoch, position };
}
