import type { Position } from '#event-store';
import { invalidParameter } from '#twilio-wire/twilio-error';

/** Header with a version: of an answer to a write that of the write, of a read the one that it must show. */
export const VERSION_HEADER = 'X-Reachability-Version';

const VERSION = /^(?<epoch>[^:\s]{1,64}):(?<position>\d{1,40})$/;

/**
 * Returns the position of a version in a header; null without one, or where it belongs to another epoch, whose positions
 * are not those of this log.
 *
 * @throws TwilioError when it is not a version
 */
export function positionInHeader(
  header: string | readonly string[] | undefined,
  epoch: string,
): Position | null {
  if (header === undefined) return null;
  const { groups } = VERSION.exec(String(header)) ?? {};
  if (groups === undefined) {
    throw invalidParameter(`${VERSION_HEADER} must be a version such as ${epoch}:0000000000000042`);
  }
  return groups['epoch'] === epoch ? (groups['position'] ?? null) : null;
}
