import { execFile, spawnSync } from 'node:child_process';
import { randomInt, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasOpenssl } from '../../support/certificates.ts';
import {
  composeServices,
  newSecrets,
  onThisMachine,
  startComposeDatabase,
  type Environment,
} from '../../support/compose.ts';
import { EventStoreDbCluster } from '../../support/eventstored-cluster.ts';
import { hasEventStoreDb } from '../../support/eventstored.ts';
import { hasPostgres, type PostgresServer } from '../../support/postgres.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import { until } from '../../support/until.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const FILES = ['docker-compose.yml', 'compose.cluster.yml'] as const;
const NODES = ['eventstoredb', 'eventstoredb-2', 'eventstoredb-3'];
const run = promisify(execFile);

/** Each node has port 2113 of a loopback address of its own. Only Linux has more than one of these. */
const NETWORK = `127.${randomInt(20, 250)}.${randomInt(1, 250)}`;
const addressOf = (name: string) => `${NETWORK}.${NODES.indexOf(name) + 1}`;

/** A text of the compose file with the addresses of this test, and its folders in place of volumes. */
function adapt(text: string, folder: string): string {
  return text
    .replace(/\beventstoredb(-\d)?(?![\w-])/g, addressOf)
    .replace(/\/(authority|certificates)\b/g, `${folder}/$1`);
}

function adaptAll(environment: Environment, folder: string): Environment {
  const entries = Object.entries(environment);
  return Object.fromEntries(entries.map(([name, value]) => [name, adapt(value, folder)]));
}

const hasCompose = spawnSync('docker-compose', ['version']).status === 0;

describe('compose.cluster.yml', () => {
  (hasCompose ? it : it.skip)('is read by docker-compose, alone and with the other', async () => {
    const services = async (...files: readonly string[]) => {
      const args = files.flatMap((file) => ['-f', file]);
      const options = { cwd: ROOT };
      const { stdout } = await run('docker-compose', [...args, 'config', '--services'], options);
      return stdout.trim().split('\n');
    };
    expect(await services(FILES[1])).toEqual(expect.arrayContaining([...NODES, 'certificates']));
    expect(await services(...FILES)).toEqual(
      expect.arrayContaining([...NODES, 'certificates', 'api-1', 'proxy', 'schema', 'postgres']),
    );
  });

  it('gives every node the others, its own certificate, and a volume of its own', () => {
    const services = composeServices(FILES[1]);
    for (const name of NODES) {
      const { environment = {}, volumes = [] } = services[name] ?? {};
      const seeds = NODES.filter((other) => other !== name).map((other) => `${other}:2113`);
      expect(environment).toMatchObject({
        EVENTSTORE_CLUSTER_SIZE: String(NODES.length),
        EVENTSTORE_INSECURE: 'false',
        EVENTSTORE_GOSSIP_SEED: seeds.join(','),
        EVENTSTORE_CERTIFICATE_FILE: `/certificates/${name}/node.crt`,
      });
      expect(volumes).toContain(`${name.replace('eventstoredb', 'events')}:/var/lib/eventstore`);
    }
    expect(services['certificates']?.entrypoint).toEqual(expect.arrayContaining(NODES));
  });
});

const canRun = hasPostgres() && hasEventStoreDb() && hasOpenssl() && process.platform === 'linux';

(canRun ? describe : describe.skip)('The nodes of compose.cluster.yml, with its settings', () => {
  let folder: string;
  let secrets: Environment;
  let postgres: PostgresServer;
  let cluster: EventStoreDbCluster;
  let worker: Program;
  let api: Program;
  /** Ends what was started, also where a later start failed. */
  const ends: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cluster-'));
    secrets = await newSecrets();
    await makeCertificates();
    const services = composeServices(FILES[1], secrets);
    const environments = NODES.map((name) => [
      name,
      {
        ...adaptAll(services[name]!.environment, folder),
        // Within their containers, all of them listen on the same port.
        EVENTSTORE_NODE_IP: addressOf(name),
        EVENTSTORE_REPLICATION_IP: addressOf(name),
      },
    ]);
    cluster = new EventStoreDbCluster(
      Object.fromEntries(environments) as Record<string, Environment>,
      join(folder, 'data'),
      join(folder, 'authority/ca.crt'),
    );
    ends.push(() => cluster.stop());
    await Promise.all(NODES.map((name) => cluster.start(name)));
    postgres = await startComposeDatabase(secrets);
    ends.push(() => postgres.stop());
    await cluster.untilElected(2);
    worker = await startProgram({ env: settingsOf('worker-1') });
    ends.push(() => worker.stop());
    api = await startProgram({ env: settingsOf('api-1') });
    ends.push(() => api.stop());
  }, 480_000);
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  async function makeCertificates(): Promise<void> {
    const { entrypoint = [] } = composeServices(FILES[1])['certificates'] ?? {};
    const [shell = '', , ...args] = entrypoint;
    const script = join(ROOT, 'deploy/eventstoredb/new-certificates.sh');
    await run(shell, [script, ...args.map((text) => adapt(text, folder))]);
  }

  /** The settings of a process, as compose merges both files, with the addresses of this test. */
  function settingsOf(name: string): Environment {
    const [single = {}, several = {}] = FILES.map(
      (file) => composeServices(file, secrets)[name]?.environment,
    );
    return { ...onThisMachine(single, postgres), ...adaptAll(several, folder) };
  }

  const certificateOf = (name: string) =>
    readFileSync(join(folder, 'certificates', addressOf(name), 'node.crt'), 'utf8');

  it('keep their certificates, which name them, when the certificates are made again', async () => {
    const before = NODES.map(certificateOf);
    await makeCertificates();
    expect(NODES.map(certificateOf)).toEqual(before);
    const authority = new X509Certificate(readFileSync(join(folder, 'authority/ca.crt')));
    for (const name of NODES) {
      const certificate = new X509Certificate(certificateOf(name));
      expect(certificate.checkIP(addressOf(name))).toBe(addressOf(name));
      expect(certificate.verify(authority.publicKey)).toBe(true);
    }
  });

  it('take writes again after their leader was killed, and have all that was acknowledged', async () => {
    const service = await createService(api);
    const users = `/v2/Services/${service}/Users`;
    expect((await api.post(users, { Identity: 'before' })).status).toBe(201);

    const leader = await cluster.untilElected(2);
    await cluster.kill(leader);
    const acknowledged = await createWithPatience(api, users);
    expect(await cluster.untilElected(1)).not.toBe(leader);

    await cluster.start(leader);
    await cluster.untilElected(2);
    for (const identity of ['before', acknowledged, await createWithPatience(api, users)]) {
      await until(`${identity} to be read`, async () => {
        const { status } = await api.get(`${users}/${identity}`);
        return status === 200 || undefined;
      });
    }
  }, 400_000);
});

/** Creates a User, as soon as there is a leader that takes the write, and returns its identity. */
function createWithPatience(api: Program, users: string): Promise<string> {
  const create = async () => {
    const identity = `user-${randomInt(1_000_000)}`;
    const { status } = await api.post(users, { Identity: identity });
    return status === 201 ? identity : undefined;
  };
  return until('a write to be taken', create, 60_000);
}
