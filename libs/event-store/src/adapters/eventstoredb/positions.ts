import type { Position } from '../../position.ts';
import type { LogPosition } from './log-client.ts';

const WIDTH = 20;
const PATTERN = /^\d{40}$/;

/**
 * The commit and the prepare position, 20 digits each. Both are needed: while catching up, the server sends
 * checkpoints of the form (commit, 0), which are before the event at (commit, commit).
 */
export function toPosition({ commit, prepare }: LogPosition): Position {
  const digitsOfCommit = digits(commit);
  return digitsOfCommit + (prepare === commit ? digitsOfCommit : digits(prepare));
}

/**
 * Parses a position.
 *
 * @throws RangeError for a string that is not a result of {@link toPosition}
 */
export function fromPosition(position: Position): LogPosition {
  if (!PATTERN.test(position)) {
    throw new RangeError(`${position} is not a position of an EventStoreDB log`);
  }
  return {
    commit: BigInt(position.slice(0, WIDTH)),
    prepare: BigInt(position.slice(WIDTH)),
  };
}

function digits(value: bigint): string {
  return value.toString().padStart(WIDTH, '0');
}
