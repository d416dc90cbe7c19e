import type { Position } from '../../position.ts';
import type { LogPosition } from './log-client.ts';

const WIDTH = 20;
const PATTERN = /^\d{40}$/;

/**
 * Commit and prepare position, 20 digits each. Both are needed: what the server gives as a checkpoint while it
 * catches up is (commit, 0), which stands before the event at (commit, commit).
 */
export function toPosition({ commit, prepare }: LogPosition): Position {
  const digitsOfCommit = digits(commit);
  return digitsOfCommit + (prepare === commit ? digitsOfCommit : digits(prepare));
}

/** @throws RangeError for what {@link toPosition} does not give */
export function fromPosition(position: Position): LogPosition {
  if (!PATTERN.test(position)) {
    throw new RangeError(`${position} is no position of an EventStoreDB log`);
  }
  return {
    commit: BigInt(position.slice(0, WIDTH)),
    prepare: BigInt(position.slice(WIDTH)),
  };
}

function digits(value: bigint): string {
  return value.toString().padStart(WIDTH, '0');
}
