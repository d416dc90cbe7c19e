import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { readSettings, Settings } from '#shared/settings/settings';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import { secretNames } from '#shared/settings/secrets';
import { findProblems, type Manifest } from '../../support/kubernetes-schemas.ts';
import { startProgram, type Program } from '../../support/program.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const FOLDER = join(ROOT, 'deploy/kubernetes');
const DOCKERFILE = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');

type Labels = Readonly<Record<string, string>>;

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly command?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: string[] } } };
}

interface PodSpec {
  readonly containers: readonly [Container];
  readonly terminationGracePeriodSeconds?: number;
}

/** A Deployment or a Job. */
interface Workload extends Manifest {
  readonly spec: {
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
  };
}

const isWorkload = (document: Manifest): document is Workload =>
  ['Deployment', 'Job'].includes(document.kind);

/** The documents of the base, with the settings that its kustomization makes. */
function base(): Manifest[] {
  const files = globSync('base/*.yaml', { cwd: FOLDER, exclude: ['**/kustomization.yaml'] });
  return files.flatMap((file) => documentsOf(readFileSync(join(FOLDER, file), 'utf8')));
}

function documentsOf(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

const settings = parseEnv(readFileSync(join(FOLDER, 'base/settings.env'), 'utf8'));
const documents = base();
const workloads = documents.filter(isWorkload);
const named = (document: Manifest): [string, Manifest] => [
  `${document.kind} ${document.metadata.name}`,
  document,
];

/** Whether `kubectl` has a Kustomize of today; the one of Debian 12 is too old. */
const kubectl = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' });
const hasKustomize = kubectl.status === 0 && /Kustomize Version: v5/.test(kubectl.stdout);

function render(folder: string): Manifest[] {
  const options = { cwd: FOLDER, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], options);
  if (status !== 0) throw new Error(stderr);
  return documentsOf(stdout);
}

describe('The manifests for Kubernetes', () => {
  it.each(documents.map(named))(
    '%s is valid, without a field that Kubernetes ignores',
    async (_, document) => {
      expect(await findProblems(document)).toEqual([]);
    },
  );

  it('are checked by schemas that find a wrong value and a misspelt field', async () => {
    const [budget] = documents.filter(({ kind }) => kind === 'PodDisruptionBudget');
    const metadata = { name: 'x' };
    const wrong = { ...budget!, metadata, spec: { maxUnavailable: [] } };
    const misspelt = { ...budget!, metadata, spec: { maxUnavailabel: 1 } };
    expect(await findProblems(wrong)).not.toEqual([]);
    expect(await findProblems(misspelt)).toEqual([
      '/spec/maxUnavailabel is not a field of PodDisruptionBudget',
    ]);
  });

  it.each(
    workloads.map((workload) => [workload.metadata.name, workload.spec.template.spec] as const),
  )('%s runs as the user of the image, with a read-only root, and with no rights', (_, spec) => {
    const [, user] = /^USER (\d+):\d+$/m.exec(DOCKERFILE) ?? [];
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: Number(user),
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    });
  });

  it('name settings that exist', () => {
    const files = secretNames().map((name) => `${name}_FILE`);
    const known = [...Object.keys(new Settings()), ...files];
    const set = workloads.flatMap(({ spec }) => spec.template.spec.containers[0].env);
    expect(known).toEqual(expect.arrayContaining(Object.keys(settings)));
    expect(known).toEqual(expect.arrayContaining(set.map(({ name }) => name)));
  });

  it.each(['api', 'worker'])('give the role %s settings with which it starts', (role) => {
    const own = workloads.find(({ metadata }) => metadata.name === `reachability-${role}`);
    const { env = [], envFrom } = own?.spec.template.spec.containers[0] ?? {};
    expect(envFrom).toEqual([{ configMapRef: { name: 'reachability-settings' } }]);
    const given = Object.fromEntries(env.map(({ name, value = '' }) => [name, value]));
    const secrets = Object.entries({ ...settings, ...given }).filter(([name]) =>
      name.endsWith('_FILE'),
    );
    const values: Record<string, string> = {
      ...generateSharedSecrets(),
      EVENTSTOREDB_URL: 'esdb://events.example.org:2113',
      DATABASE_URL: 'postgres://db.example.org/reachability',
    };
    const mounted = Object.fromEntries(
      secrets.map(([name]) => [name.replace(/_FILE$/, ''), values[name.replace(/_FILE$/, '')]]),
    );
    const others = Object.entries({ ...settings, ...given }).filter(
      ([name]) => !name.endsWith('_FILE'),
    );
    const { ACCOUNT_SID } = values;
    expect(readSettings({ ...Object.fromEntries(others), ...mounted, ACCOUNT_SID })).toMatchObject({
      ROLE: role,
      DATABASE_URL: values['DATABASE_URL'],
    });
  });

  it('run programs of the image', () => {
    const commands = workloads.flatMap(
      ({ spec }) => spec.template.spec.containers[0].command ?? [],
    );
    expect(commands).toEqual(['node', 'dist/apps/cli/src/main.js', 'store', 'migrate']);
  });

  it.each(['Service', 'PodDisruptionBudget', 'NetworkPolicy'])('have pods for each %s', (kind) => {
    const labels = workloads.map(({ spec }) => spec.template.metadata.labels);
    for (const { metadata, ...document } of documents.filter((each) => each.kind === kind)) {
      const { spec } = document as unknown as {
        spec: Record<string, Labels & { matchLabels?: Labels }>;
      };
      const selector = spec['podSelector'] ?? spec['selector'] ?? {};
      const wanted = selector.matchLabels ?? selector;
      expect([metadata.name, labels]).toEqual([
        metadata.name,
        expect.arrayContaining([expect.objectContaining(wanted)]),
      ]);
    }
  });
});

describe('The program, for the manifests for Kubernetes', () => {
  let program: Program;
  let management: string;

  beforeAll(async () => {
    program = await startProgram({ env: { MANAGEMENT_PORT: '0' } });
    management = /^Management is listening on (\S+)$/m.exec(program.output.stdout)?.[1] ?? '';
  });
  afterAll(() => program.stop());

  it('answers each probe on the port that it names', async () => {
    const ports = { http: settings['PORT'], management: settings['MANAGEMENT_PORT'] };
    for (const { kind, spec } of workloads) {
      if (kind === 'Job') continue;
      const [container] = spec.template.spec.containers;
      const { startupProbe, livenessProbe, readinessProbe } = container;
      const declared = container.ports?.map(({ name, containerPort }) => [
        name,
        String(containerPort),
      ]);
      expect(Object.fromEntries(declared ?? [])).toEqual(ports);
      for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
        const { path = '', port = '' } = probe?.httpGet ?? {};
        expect(Object.keys(ports)).toContain(port);
        const url = port === 'http' ? program.url : management;
        expect((await fetch(`${url}${path}`)).status).toBe(200);
      }
    }
  });

  it('serves the metric of the autoscaler, without labels, and the adapter passes it on', async () => {
    const [autoscaler] = documents.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
    const { metrics, scaleTargetRef } = (
      autoscaler as unknown as {
        spec: {
          metrics: { pods: { metric: { name: string } } }[];
          scaleTargetRef: { name: string };
        };
      }
    ).spec;
    const name = metrics[0]?.pods.metric.name ?? '';
    expect(await (await fetch(`${management}/metrics`)).text()).toMatch(
      new RegExp(`^${name} \\d+$`, 'm'),
    );
    expect(workloads.map(({ metadata }) => metadata.name)).toContain(scaleTargetRef.name);
    const adapter = readFileSync(join(FOLDER, 'prometheus-adapter.yaml'), 'utf8');
    expect(parse(adapter)).toMatchObject({ rules: { custom: [{ name: { as: name } }] } });
    expect(adapter).toContain(`seriesQuery: ${name}{`);
  });

  it('has stopped within the time that it gets', () => {
    for (const { kind, spec } of workloads) {
      if (kind === 'Job') continue;
      const { terminationGracePeriodSeconds = 30, containers } = spec.template.spec;
      const [, sleep = '0'] = containers[0].lifecycle?.preStop.exec.command ?? [];
      const drain = Number(settings['DRAIN_SECONDS']);
      // Closing sockets, recording closes, and closing the stores takes up to 10 s more.
      expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number(sleep) + drain + 10);
    }
  });
});

(hasKustomize ? describe : describe.skip).each(['base', 'overlays/example'])(
  'kubectl kustomize %s',
  (folder) => {
    it('renders valid manifests, in which every reference to settings is one to a ConfigMap', async () => {
      const rendered = render(folder);
      for (const document of rendered) expect(await findProblems(document)).toEqual([]);
      const maps = rendered
        .filter(({ kind }) => kind === 'ConfigMap')
        .map(({ metadata }) => metadata.name);
      const referred = rendered
        .filter(isWorkload)
        .flatMap(({ spec }) => spec.template.spec.containers[0].envFrom ?? [])
        .map(({ configMapRef }) => configMapRef.name);
      expect(referred).toHaveLength(2);
      expect(maps).toEqual(expect.arrayContaining(referred));
    });
  },
);
