import { scaleTime } from 'd3-scale';
import { useRef, useState, type KeyboardEvent } from 'react';
import type { Interval } from '../../api/schemas.ts';
import { Button } from '../../ui/button.tsx';
import { inDuration } from '../../ui/durations.ts';
import { useNow } from '../../ui/now.ts';
import { presenceOf } from '../../ui/presence.tsx';
import { inFull } from '../../ui/time.tsx';
import { useWidth } from '../../ui/use-width.ts';
import { TimelineBands } from './timeline-bands.tsx';
import { TimelineTicks } from './timeline-ticks.tsx';
import { pan, zoom, type TimeRange } from './timeline-view.ts';
import { useDragging } from './use-dragging.ts';
import { useWheel } from './use-wheel.ts';

const HEIGHT = 72;
const ZOOM_STEP = 2;
const WHEEL_ZOOM = 0.002;
/** Part of what is shown by which an arrow key moves it. */
const PAN_STEP = 0.2;
/** How much longer than the time of all changes a timeline is at first. */
const WITH_MARGIN = 1.25;

/** The states of a User over time, to zoom and pan. A click asks what it was at that time. */
export function Timeline({
  intervals,
  at,
  onPick,
}: {
  /** Newest first. */
  readonly intervals: readonly Interval[];
  readonly at: string | null;
  readonly onPick: (at: string) => void;
}) {
  const now = useNow();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const first = intervals.at(-1);
  const whole: TimeRange = {
    from: first === undefined ? now : Date.parse(first.from),
    // The present is never at the very edge, and the part is never empty.
    to: Math.max(now, Date.parse(intervals[0]?.from ?? '')) + 1_000,
  };
  const [chosen, setShown] = useState<TimeRange | null>(null);
  const shown = chosen ?? withChanges(intervals, whole);
  const isWhole = shown.from === whole.from && shown.to === whole.to;
  const [hovered, setHovered] = useState<number | null>(null);
  const scale = scaleTime([shown.from, shown.to], [0, width]);
  const timeAt = (x: number): number =>
    shown.from + (x / Math.max(width, 1)) * (shown.to - shown.from);
  const zoomBy = (factor: number, around = (shown.from + shown.to) / 2): void =>
    setShown(zoom(shown, factor, around, whole));
  const panBy = (ms: number): void => setShown(pan(shown, ms, whole));

  const drag = useDragging({
    onDrag: (pixels) => panBy((-pixels / Math.max(width, 1)) * (shown.to - shown.from)),
    onClick: (x) => onPick(new Date(timeAt(x)).toISOString()),
    onHover: (x) => setHovered(x === null ? null : timeAt(x)),
  });
  useWheel(box, ({ x, deltaX, deltaY }) => {
    if (deltaY !== 0) zoomBy(Math.exp(deltaY * WHEEL_ZOOM), timeAt(x));
    if (deltaX !== 0) panBy((deltaX / Math.max(width, 1)) * (shown.to - shown.from));
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = (shown.to - shown.from) * PAN_STEP;
    const actions: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => panBy(-step),
      ArrowRight: () => panBy(step),
      '+': () => zoomBy(1 / ZOOM_STEP),
      '-': () => zoomBy(ZOOM_STEP),
      '0': () => setShown(whole),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  const pointed = hovered ?? (at === null ? null : Date.parse(at));
  return (
    <div className="timeline">
      <div
        ref={box}
        className="timeline-box"
        role="group"
        aria-label="Timeline. Arrow keys move it, plus and minus zoom, zero shows all."
        tabIndex={0}
        onKeyDown={onKeyDown}
        {...drag}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <TimelineBands intervals={intervals} shown={shown} now={now} width={width} />
          <TimelineTicks scale={scale} width={width} />
          {at !== null && (
            <line
              className="timeline-at"
              x1={scale(Date.parse(at))}
              x2={scale(Date.parse(at))}
              y1="0"
              y2="46"
            />
          )}
        </svg>
      </div>
      <div className="timeline-foot">
        <p className="muted" aria-live="off">
          {pointed === null
            ? 'Point at a time to see its state; click to see why.'
            : describe(intervals, pointed, now)}
        </p>
        <div className="timeline-zoom">
          <Button kind="quiet" aria-label="Zoom in" onClick={() => zoomBy(1 / ZOOM_STEP)}>
            +
          </Button>
          <Button kind="quiet" aria-label="Zoom out" onClick={() => zoomBy(ZOOM_STEP)}>
            −
          </Button>
          <Button kind="quiet" disabled={isWhole} onClick={() => setShown(whole)}>
            All
          </Button>
        </div>
      </div>
    </div>
  );
}

/** Returns the part with the changes, without most of a long time since the last one. */
function withChanges([last]: readonly Interval[], whole: TimeRange): TimeRange {
  const changes = (last === undefined ? whole.to : Date.parse(last.from)) - whole.from;
  const to = whole.from + changes * WITH_MARGIN;
  return changes > 0 && to < whole.to ? { from: whole.from, to } : whole;
}

function describe(intervals: readonly Interval[], time: number, now: number): string {
  const moment = inFull(new Date(time).toISOString());
  const interval = intervals.find(({ from }) => Date.parse(from) <= time);
  if (interval === undefined || time > now) return moment;
  const until = interval.until === null ? now : Date.parse(interval.until);
  const length = inDuration(until - Date.parse(interval.from));
  return `${moment}: ${presenceOf(interval.is_online)}, for ${length} since ${inFull(interval.from)}`;
}
