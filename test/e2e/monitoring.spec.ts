import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { startProgram, type Program } from '../support/program.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PROMETHEUS = join(ROOT, 'deploy/prometheus');
const GRAFANA = join(ROOT, 'deploy/grafana');
const DASHBOARD = join(GRAFANA, 'dashboards/reachability.json');
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

/** The dashboard, as far as these tests know it. */
interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly datasource?: unknown;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

describe('The dashboard in Grafana', () => {
  const { panels } = JSON.parse(dashboard) as Dashboard;
  const charts = panels.filter(({ targets }) => targets !== undefined);

  it('asks the data source that is provisioned', () => {
    const file = join(GRAFANA, 'provisioning/datasources/prometheus.yml');
    const { datasources } = parse(readFileSync(file, 'utf8')) as {
      datasources: readonly { readonly uid: string; readonly type: string; readonly url: string }[];
    };
    const { uid, type, url } = datasources[0]!;
    for (const { title, datasource } of charts) {
      expect([title, datasource]).toEqual([title, { type, uid }]);
    }
    const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')) as {
      services: Readonly<Record<string, unknown>>;
    };
    expect(services).toHaveProperty(new URL(url).hostname);
  });

  it('is in the folder that is provisioned', () => {
    const file = join(GRAFANA, 'provisioning/dashboards/reachability.yml');
    const { providers } = parse(readFileSync(file, 'utf8')) as {
      providers: readonly { readonly options: { readonly path: string } }[];
    };
    const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')) as {
      services: { readonly grafana: { readonly volumes: readonly string[] } };
    };
    const path = providers[0]?.options.path ?? '';
    expect(services.grafana.volumes).toContain(`./deploy/grafana/dashboards:${path}:ro`);
  });

  (hasPromtool ? it : it.skip)('has queries that Prometheus reads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
    const queries = charts.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const rules = queries.map((expr, number) => ({ record: `query:${number}`, expr }));
    const file = join(folder, 'queries.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    try {
      const { stdout } = await run('promtool', ['check', 'rules', file]);
      expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
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
