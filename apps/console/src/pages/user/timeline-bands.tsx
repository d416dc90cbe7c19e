import type { Interval } from '../../api/schemas.ts';
import { presenceOf, type Presence } from '../../ui/presence.tsx';
import type { TimeRange } from './timeline-view.ts';

const BASE = 40;
/** The states differ by the height of their bands and by their patterns, not only by colour. */
const HEIGHTS: Readonly<Record<Presence, number>> = { online: 36, offline: 10, unknown: 20 };
/** A shorter period is still to be seen. */
const NARROWEST = 1;

/** A band for each period that is at least partly shown. */
export function TimelineBands({
  intervals,
  shown,
  now,
  width,
}: {
  readonly intervals: readonly Interval[];
  readonly shown: TimeRange;
  readonly now: number;
  readonly width: number;
}) {
  const x = (time: number): number => ((time - shown.from) / (shown.to - shown.from)) * width;
  return (
    <>
      <defs>
        <pattern
          id="unknown"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <line className="pattern-unknown" x1="0" y1="0" x2="0" y2="6" strokeWidth="4" />
        </pattern>
      </defs>
      {intervals.map((interval) => {
        const start = x(Date.parse(interval.from));
        const end = x(interval.until === null ? now : Date.parse(interval.until));
        const from = Math.max(start, 0);
        const to = Math.min(Math.max(end, start + NARROWEST), width);
        if (to <= 0 || from >= width || to <= from) return null;
        const presence = presenceOf(interval.is_online);
        const height = HEIGHTS[presence];
        return (
          <rect
            key={interval.version}
            className={`band band-${presence}`}
            x={from}
            y={BASE - height}
            width={to - from}
            height={height}
            fill={presence === 'unknown' ? 'url(#unknown)' : undefined}
          />
        );
      })}
      <line className="axis" x1="0" x2={width} y1={BASE} y2={BASE} />
    </>
  );
}
