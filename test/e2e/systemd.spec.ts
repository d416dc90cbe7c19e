import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';

const FOLDER = resolve(import.meta.dirname, '../../deploy/systemd');
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;

(hasAnalyze ? it : it.skip).each(['reachability@.service', 'eventstore.service'])(
  'systemd-analyze finds nothing wrong with %s',
  (unit) => {
    const folder = mkdtempSync(join(tmpdir(), 'systemd-'));
    // It also looks for the program, which is elsewhere here.
    const text = readFileSync(join(FOLDER, unit), 'utf8').replace(
      /^ExecStart=\S+/m,
      `ExecStart=${process.execPath}`,
    );
    const file = join(folder, unit.replace('@', '@api-1'));
    writeFileSync(file, text);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    const own = stderr.split('\n').filter((line) => line.includes(folder));
    expect({ status, own }).toEqual({ status: 0, own: [] });
  },
);
