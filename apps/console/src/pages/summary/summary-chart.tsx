import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { SummaryPoint } from '../../api/schemas.ts';
import type { Presence } from '../../ui/presence.tsx';
import { useThemeChange } from '../../ui/theme.tsx';
import { useWidth } from '../../ui/use-width.ts';

const HEIGHT = 280;
const FONT_PIXELS = 12;

/** The lines differ by their dashes, too. */
const LINES: readonly {
  readonly state: Presence;
  readonly dash: number[];
  readonly width: number;
}[] = [
  { state: 'online', dash: [], width: 2 },
  { state: 'offline', dash: [6, 4], width: 1.5 },
  { state: 'unknown', dash: [2, 3], width: 1.5 },
];

/** The numbers of Users by state over time. A drag zooms in, a double click shows everything. */
export function SummaryChart({ points }: { readonly points: readonly SummaryPoint[] }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const width = useWidth(box);
  useEffect(() => {
    if (box.current === null) return;
    const created = new uPlot(options(), toData([]), box.current);
    chart.current = created;
    return () => created.destroy();
  }, []);
  useEffect(() => chart.current?.setData(toData(points)), [points]);
  useEffect(() => chart.current?.setSize({ width: Math.max(width, 1), height: HEIGHT }), [width]);
  useThemeChange(() => chart.current?.redraw());
  const last = points.at(-1);
  return (
    <figure className="chart">
      <div
        ref={box}
        role="img"
        aria-label={
          last === undefined
            ? 'Numbers of Users over time'
            : `Numbers of Users over time; the latest: ${last.online} online, ${last.offline} offline, ${last.unknown} unknown`
        }
      />
      <figcaption className="chart-legend">
        {LINES.map(({ state, dash }) => (
          <span key={state} className={`presence-${state}`}>
            <svg width="24" height="8" aria-hidden="true">
              <line
                x2="24"
                y1="4"
                y2="4"
                stroke="currentColor"
                strokeWidth="2"
                strokeDasharray={dash.join(' ')}
              />
            </svg>
            {state}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** Times in seconds, and a list of numbers for each line. The last numbers hold until now. */
function toData(points: readonly SummaryPoint[]): uPlot.AlignedData {
  const last = points.at(-1);
  const shown = last === undefined ? [] : [...points, { ...last, time: new Date().toISOString() }];
  return [
    shown.map(({ time }) => Date.parse(time) / 1_000),
    ...LINES.map(({ state }) => shown.map((point) => point[state])),
  ];
}

function options(): uPlot.Options {
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const axis: uPlot.Axis = {
    stroke: () => colour('--muted'),
    font: `${FONT_PIXELS}px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { stroke: () => colour('--line'), width: 1, size: 4 },
  };
  return {
    width: 1,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    axes: [
      axis,
      { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6] },
    ],
    scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.1, 1)] } },
    series: [
      {},
      ...LINES.map(({ state, dash, width }) => ({
        label: state,
        stroke: () => colour(`--${state}`),
        width,
        dash,
        points: { show: false },
        ...(stepped === undefined ? {} : { paths: stepped }),
      })),
    ],
  };
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}
