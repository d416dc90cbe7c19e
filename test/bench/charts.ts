import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PEERS_PACKAGE } from './peers/install.ts';

/** Draws a chart as an SVG file by a program of the peers' package, which must be installed. */
export function drawChart(
  program: 'peers-chart.mjs' | 'growth-chart.mjs',
  data: unknown,
  file: string,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-chart-'));
  try {
    const input = join(folder, 'data.json');
    writeFileSync(input, JSON.stringify(data));
    execFileSync(process.execPath, [join(PEERS_PACKAGE, program), input, file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
