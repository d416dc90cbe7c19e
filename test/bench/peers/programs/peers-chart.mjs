/**
 * Draws the comparison with the peers as SVG: arguments are a JSON file with the points, and the SVG file.
 */
import * as Plot from '@observablehq/plot';
import { readFileSync, writeFileSync } from 'node:fs';
import { drawn } from './svg.mjs';

const [input = '', output = ''] = process.argv.slice(2);
const points = JSON.parse(readFileSync(input, 'utf8'));
const rows = [...new Set(points.map(({ row }) => row))];

const svg = drawn((document) =>
  Plot.plot({
    document,
    width: 860,
    height: 40 + points.length * 17 + rows.length * 12,
    marginLeft: 290,
    marginRight: 150,
    x: {
      type: 'log',
      label: 'times as good as Reachability →',
      tickFormat: (value) => `${value}×`,
      ticks: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20],
      grid: true,
      nice: true,
    },
    y: { axis: null, domain: [...new Set(points.map(({ contender }) => contender))] },
    fy: { domain: rows, label: null, axis: 'left' },
    facet: { data: points, y: 'row', marginLeft: 290 },
    marks: [
      Plot.ruleX([1], { stroke: '#1a7f37', strokeWidth: 2 }),
      Plot.ruleY(points, { x1: 'min', x2: 'max', y: 'contender', stroke: '#57606a' }),
      Plot.dot(points, { x: 'median', y: 'contender', r: 4, fill: 'contender' }),
      Plot.text(points, {
        x: 'max',
        y: 'contender',
        text: 'contender',
        dx: 8,
        textAnchor: 'start',
      }),
    ],
  }),
);
writeFileSync(output, svg);
