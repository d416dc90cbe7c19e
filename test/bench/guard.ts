/**
 * Measures the ratios that the tests guard, and compares them with the recorded ones.
 * Run: `npm run bench -- guard [--write]`. `--write` records them.
 */
import { COLLAPSE, GUARDED, recordedRatios, recordRatios, type Guarded } from './guard/guarded.ts';
import { printMachine } from './report.ts';

printMachine(0);
const recorded = recordedRatios();
const measured = { ...recorded };
for (const [name, measure] of Object.entries(GUARDED) as [Guarded, () => Promise<number>][]) {
  const startedAt = performance.now();
  const ratio = await measure();
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  const verdict = ratio < recorded[name] * COLLAPSE ? 'COLLAPSED' : '';
  console.log(
    `${name.padEnd(24)}${ratio.toFixed(3).padStart(8)}  recorded ${recorded[name].toFixed(3)}  in ${seconds} s  ${verdict}`,
  );
  measured[name] = Number(ratio.toPrecision(3));
}
if (process.argv.includes('--write')) recordRatios(measured);
