/** Draws how something grows as SVG, with logarithmic axes: arguments are a JSON file with the curves, and the SVG file. */
import * as Plot from '@observablehq/plot';
import { readFileSync, writeFileSync } from 'node:fs';
import { drawn } from './svg.mjs';

const [input = '', output = ''] = process.argv.slice(2);
const { title, x, y, curves } = JSON.parse(readFileSync(input, 'utf8'));
const points = curves.flatMap(({ name, points: of }) => of.map((point) => ({ ...point, name })));
const last = curves.map(({ name, points: of }) => ({ ...of.at(-1), name }));

const svg = drawn((document) =>
  Plot.plot({
    document,
    width: 440,
    height: 260,
    marginTop: 40,
    marginRight: 165,
    marginBottom: 40,
    marginLeft: 55,
    x: { type: 'log', label: `${x} →`, tickFormat: '~s', ticks: 5 },
    y: { type: 'log', label: `↑ ${y}`, tickFormat: '~s', grid: true, ticks: 5, nice: true },
    marks: [
      Plot.line(points, { x: 'x', y: 'y', stroke: 'name', strokeWidth: 2 }),
      Plot.dot(points, { x: 'x', y: 'y', fill: 'name', r: 3 }),
      Plot.text(last, { x: 'x', y: 'y', text: 'name', dx: 8, textAnchor: 'start' }),
      Plot.text([title], { frameAnchor: 'top-left', dy: -34, fontSize: 13, fontWeight: 'bold' }),
    ],
  }),
);
writeFileSync(output, svg);
