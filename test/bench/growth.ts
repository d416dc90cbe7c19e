/**
 * Measures how cost grows: reads with Users, commands with the length of a stream, a change with its watchers, memory with connections,
 * rebuilds with events, and lag with the rate of changes.
 *
 * Run: `npm run bench -- growth [--write]`. `ONLY=users,streams` runs a part. `--write` writes the JSON and the plots to docs/images,
 * and the table to docs/performance.md.
 */
import { writeFileSync } from 'node:fs';
import { drawChart } from './charts.ts';
import { connectionsGrowth } from './growth/connections.ts';
import { bendOf, exponentOf, shapeOf, type Growth } from './growth/curves.ts';
import { eventsGrowth } from './growth/events.ts';
import { ratesGrowth } from './growth/rates.ts';
import { streamsGrowth } from './growth/streams.ts';
import { usersGrowth } from './growth/users.ts';
import { watchersGrowth } from './growth/watchers.ts';
import { imagePath, replaceMarked } from './marked-text.ts';
import { installPeers } from './peers/install.ts';
import { machineOf, originOf, printMachine } from './report.ts';

const PARTS: Readonly<Record<string, () => Promise<Growth>>> = {
  users: usersGrowth,
  streams: streamsGrowth,
  watchers: watchersGrowth,
  connections: connectionsGrowth,
  events: eventsGrowth,
  rates: ratesGrowth,
};

const wanted = process.env['ONLY']?.split(',') ?? Object.keys(PARTS);

printMachine(0);
const all: Growth[] = [];
for (const name of wanted) {
  const measure = PARTS[name];
  if (measure === undefined) {
    throw new RangeError(`Unknown part ${name}: ${Object.keys(PARTS).join()}`);
  }
  const startedAt = performance.now();
  const growth = await measure();
  console.log(`\n${name}, ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  console.log(table([growth]));
  all.push(growth);
}
if (process.argv.includes('--write')) write();

function write(): void {
  installPeers();
  const date = new Date().toISOString().slice(0, 10);
  const machine = machineOf();
  const document = { date, machine, growth: all };
  writeFileSync(imagePath('growth.json'), `${JSON.stringify(document, null, 2)}\n`);
  for (const growth of all)
    drawChart('growth-chart.mjs', growth, imagePath(`growth-${growth.id}.svg`));
  const images = all.map(({ id, title }) => `![${title}](images/growth-${id}.svg)`);
  replaceMarked(
    'docs/performance.md',
    'growth',
    [images.join('\n'), table(all), originOf(date, machine)].join('\n\n'),
  );
}

/** For each curve its ends, its shape, and where it begins to rise faster. */
function table(growths: readonly Growth[]): string {
  const lines = growths.flatMap(({ title, x, y, curves }) =>
    curves.map(({ name, points }, index) => {
      const [first, last] = [points[0], points.at(-1)];
      if (first === undefined || last === undefined) throw new Error(`${name} has no points`);
      const exponent = exponentOf(points);
      const bend = bendOf(points);
      return `| ${[
        index === 0 ? `${title} (${y})` : '',
        name,
        `${number(first.y)} at ${number(first.x)} ${x}`,
        `${number(last.y)} at ${number(last.x)}`,
        shapeOf(exponent),
        bend === null ? '' : `from ${number(bend)} on`,
      ].join(' | ')} |`;
    }),
  );
  const head = [
    '| | | from | to | growth | rises faster |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  return [...head, ...lines].join('\n');
}

function number(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 3 });
}
