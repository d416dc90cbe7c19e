/** Draws how something grows as SVG, with logarithmic axes: arguments are a JSON file with the curves, and the SVG file. */
import * as Plot from '@observablehq/plot';
import { readFileSync, writeFileSync } from 'node:fs';
import { drawn } from './svg.mjs';

const [input = '', output = ''] = process.argv.slice(2);
const { title, x, y, curves } = JSON.parse(readFileSync(input, 'utf8'));
const points = curves.flatMap(({ name, points: of }) => of.map((point) => ({ ...point, name })));
const last = curves.map(({ name, points: of }) => ({ ...of.at(-1), name }));
const compact = (value) => value.toLocaleString('en', { notation: 'compact' });

/** Powers of ten around some values. */
const decades = (values) => {
  const [least, most] = [Math.min(...values), Math.max(...values)].map(Math.log10);
  const [from, to] = [Math.floor(least), Math.ceil(most)];
  return Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
};
const yTicks = decades(points.map((point) => point.y));

const head = { frameAnchor: 'top-left', dx: -45, textAnchor: 'start' };

const svg = drawn((document) =>
  Plot.plot({
    document,
    width: 460,
    height: 270,
    marginTop: 50,
    marginRight: 175,
    marginBottom: 40,
    marginLeft: 50,
    x: {
      type: 'log',
      label: `${x} →`,
      labelAnchor: 'center',
      tickFormat: compact,
      ticks: decades(points.map((point) => point.x)).filter(
        (value) => value <= Math.max(...points.map((point) => point.x)),
      ),
    },
    y: {
      type: 'log',
      domain: [yTicks[0], yTicks.at(-1)],
      label: null,
      tickFormat: compact,
      ticks: yTicks,
      grid: true,
    },
    marks: [
      Plot.line(points, { x: 'x', y: 'y', stroke: 'name', strokeWidth: 2 }),
      Plot.dot(points, { x: 'x', y: 'y', fill: 'name', r: 3 }),
      Plot.text(last, { x: 'x', y: 'y', text: 'name', dx: 8, textAnchor: 'start' }),
      Plot.text([title], { ...head, dy: -46, fontSize: 13, fontWeight: 'bold' }),
      Plot.text([`↑ ${y}`], { ...head, dy: -28 }),
    ],
  }),
);
writeFileSync(output, svg);
