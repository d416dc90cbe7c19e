import type { ScaleTime } from 'd3-scale';
import { tickFormat } from './tick-format.ts';

const PIXELS_PER_TICK = 110;
/** Half of the widest label. */
const HALF_LABEL = 32;

/** The times below a timeline. Labels at its edges stay within it. */
export function TimelineTicks({
  scale,
  width,
}: {
  readonly scale: ScaleTime<number, number>;
  /** In pixels. */
  readonly width: number;
}) {
  const ticks = scale.ticks(Math.max(2, width / PIXELS_PER_TICK));
  const format = tickFormat((ticks[1]?.getTime() ?? 0) - (ticks[0]?.getTime() ?? 0));
  return ticks.map((tick) => (
    <g key={tick.getTime()} className="tick" transform={`translate(${scale(tick)} 0)`}>
      <line y1="40" y2="46" />
      <text y="62" textAnchor={anchorAt(scale(tick), width)}>
        {format(tick)}
      </text>
    </g>
  ));
}

function anchorAt(x: number, width: number): 'start' | 'middle' | 'end' {
  if (x < HALF_LABEL) return 'start';
  return x > width - HALF_LABEL ? 'end' : 'middle';
}
