import type { Position } from '../../position.ts';

/** Row number of an event as the port shows it: 20 digits, so that string order is log order. */
export function toPosition(row: number): Position {
  return String(row).padStart(20, '0');
}

/** Row number of a place in the log; 0, which no event has, for null. */
export function toRow(position: Position | null | undefined): number {
  return position === null || position === undefined ? 0 : Number(position);
}
