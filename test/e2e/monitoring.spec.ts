import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../support/program.ts';

const PROMETHEUS = resolve(import.meta.dirname, '../../deploy/prometheus');
const DASHBOARD = resolve(import.meta.dirname, '../../deploy/grafana/dashboards/reachability.json');
const run = promisify(execFile);

const alerts = readFileSync(join(PROMETHEUS, 'alerts.yml'), 'utf8');
const alertTests = readFileSync(join(PROMETHEUS, 'alerts.test.yml'), 'utf8');
const dashboard = readFileSync(DASHBOARD, 'utf8');
const alertNames = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const describeWithPromtool = hasPromtool ? describe : describe.skip;

/** Names of the metrics in expressions; those of a histogram without the endings of its parts. */
function metricsIn(text: string): string[] {
  const names = text.match(/\b(?:reachability|process|nodejs)_[a-z0-9_]+\b/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))];
}

describe('Monitoring', () => {
  let program: Program;
  let served: ReadonlySet<string>;

  beforeAll(async () => {
    program = await startProgram();
    const { text } = await program.get('/metrics');
    served = new Set([...text.matchAll(/^# HELP (\S+)/gm)].map(([, name = '']) => name));
  });
  afterAll(() => program.stop());

  it.each(metricsIn(alerts))('alerts on %s, which the program serves', (metric) => {
    expect(served).toContain(metric);
  });

  it.each(metricsIn(dashboard))('shows %s, which the program serves', (metric) => {
    expect(served).toContain(metric);
  });

  it.each(alertNames)(
    '%s has a panel, a test that fires it, and one in which it is silent',
    (name) => {
      expect(dashboard).toContain(name);
      expect(alertTests).toContain(`- name: ${name} fires`);
      expect(alertTests).toMatch(new RegExp(`eval_time: \\d+m, alertname: ${name} }`));
    },
  );
});

describeWithPromtool('The alerts in Prometheus', () => {
  it('are valid, fire for their cause, and are silent without it', async () => {
    const { stdout } = await run('promtool', ['test', 'rules', 'alerts.test.yml'], {
      cwd: PROMETHEUS,
    });
    expect(stdout).toContain('SUCCESS');
  });

  it('are read by the configuration', async () => {
    const { stdout } = await run('promtool', ['check', 'config', 'prometheus.yml'], {
      cwd: PROMETHEUS,
    });
    expect(stdout).toContain('SUCCESS');
  });
});
