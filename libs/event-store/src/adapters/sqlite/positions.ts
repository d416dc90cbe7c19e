import type { Position } from '../../position.ts';

/** Position of a row: its number in 20 digits, so that string order is log order. */
export function toPosition(row: number): Position {
  return String(row).padStart(20, '0');
}

/** Row number of a position; for null 0, which no event has. */
export function toRow(position: Position | null | undefined): number {
  return position === null || position === undefined ? 0 : Number(position);
}
