/** Draws the comparison with the peers as SVG: arguments are a JSON file with the points, and the SVG file. */
import * as Plot from '@observablehq/plot';
import { readFileSync, writeFileSync } from 'node:fs';
import { drawn } from './svg.mjs';

const LINE_HEIGHT = 17;
const TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];

const [input = '', output = ''] = process.argv.slice(2);
const points = JSON.parse(readFileSync(input, 'utf8')).map((point) => ({
  ...point,
  line: `${point.row} ${point.contender}`,
}));
const firsts = points.filter(({ row }, index) => points[index - 1]?.row !== row);
const least = Math.min(1, ...points.map(({ min }) => min)) / 1.3;
const most = Math.max(1, ...points.map(({ max }) => max)) * 1.3;

const svg = drawn((document) =>
  Plot.plot({
    document,
    width: 880,
    height: 60 + points.length * LINE_HEIGHT,
    marginLeft: 285,
    marginRight: 165,
    marginBottom: 40,
    x: {
      type: 'log',
      domain: [least, most],
      label: 'times as good as Reachability →',
      tickFormat: (value) => `${value}×`,
      ticks: TICKS.filter((value) => value >= least && value <= most),
      grid: true,
    },
    y: { type: 'point', domain: points.map(({ line }) => line), axis: null },
    marks: [
      Plot.ruleX([1], { stroke: '#1a7f37', strokeWidth: 2 }),
      Plot.ruleY(points, { x1: 'min', x2: 'max', y: 'line', stroke: '#57606a', strokeWidth: 3 }),
      Plot.dot(points, { x: 'median', y: 'line', r: 4, fill: '#0969da' }),
      Plot.text(points, { x: 'max', y: 'line', text: 'contender', dx: 8, textAnchor: 'start' }),
      Plot.text(firsts, {
        x: least,
        y: 'line',
        text: 'row',
        dx: -12,
        textAnchor: 'end',
        fontWeight: 'bold',
      }),
    ],
  }),
);
writeFileSync(output, svg);
