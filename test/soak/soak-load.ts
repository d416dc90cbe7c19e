import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BackgroundWork } from '../chaos/machines/machines-run.ts';
import { startPlain, type Server } from '../bench/realtime/server.ts';
import { now } from '../bench/realtime/clock.ts';
import type { Program } from '../support/program.ts';
import type { HttpLoad, HttpLoadReport, RequestKind, Sample } from './http-load-protocol.ts';
import type { Reading } from './halves.ts';
import type { OneFolder } from './one-folder.ts';
import { QuietCrowd } from './quiet-crowd.ts';
import { Sampler } from './sampler.ts';

const USERS = 1_000;
const PROBES = 20;
const LOAD_PROCESS = fileURLToPath(new URL('http-load-process.ts', import.meta.url));

/** The even load of a soak on the process that keeps running, and what is measured of it. */
export class SoakLoad implements BackgroundWork {
  readonly sampler: Sampler;
  readonly failures: string[] = [];
  startedAt = 0;
  endedAt = 0;
  readonly #samples: Sample[] = [];
  readonly #load: HttpLoad;
  readonly #crowd: QuietCrowd;
  readonly #reference: Server;
  #process: ChildProcess | null = null;

  private constructor(parts: {
    readonly load: HttpLoad;
    readonly crowd: QuietCrowd;
    readonly sampler: Sampler;
    readonly reference: Server;
  }) {
    this.#load = parts.load;
    this.#crowd = parts.crowd;
    this.sampler = parts.sampler;
    this.#reference = parts.reference;
  }

  /** Creates the Users that the load reads and changes. */
  static async prepare(
    { machines, dataDir }: OneFolder,
    faultEveryMs: number,
    log: (line: string) => void,
  ): Promise<SoakLoad> {
    const program = machines.apis[0]?.program ?? null;
    if (program === null) throw new Error('The first process does not run');
    const { accountSid, authToken } = program.credentials;
    const { serviceSid } = machines.reader;
    const users = await createUsers(program, serviceSid, 'read', USERS);
    const probes = await createUsers(program, serviceSid, 'probe', PROBES);
    const reference = await startPlain();
    const target = {
      port: Number(new URL(program.url).port),
      access: { credentials: program.credentials, serviceSid },
    };
    return new SoakLoad({
      load: {
        origin: program.url,
        credentials: { username: accountSid, password: authToken },
        serviceSid,
        users,
        probes,
        reference: `http://127.0.0.1:${reference.target.port}`,
      },
      crowd: new QuietCrowd(target, probes, faultEveryMs, log),
      sampler: new Sampler({ pid: program.pid ?? 0, target }, reference, dataDir),
      reference,
    });
  }

  async begin(): Promise<void> {
    await this.#crowd.begin();
    const child = fork(LOAD_PROCESS, {
      serialization: 'advanced',
      execArgv: ['--conditions=source'],
    });
    child.on('message', (report: HttpLoadReport) => {
      this.#samples.push(...report.samples);
      this.failures.push(...report.failures);
      this.#crowd.expect(report.changes);
    });
    // Not an argument: all processes of the machine can read those, and it has credentials.
    child.send(this.#load);
    this.#process = child;
    this.sampler.begin();
    this.startedAt = now();
  }

  async end(): Promise<void> {
    this.endedAt = now();
    await this.sampler.end();
    const child = this.#process;
    if (child !== null) {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    }
    await this.#crowd.end();
    await this.#reference.stop();
  }

  /** Latencies of a kind of requests, in milliseconds. */
  latencies(kind: RequestKind): Reading[] {
    return this.#samples
      .filter((sample) => sample.kind === kind)
      .map(({ at, ms }) => ({ at, value: ms }));
  }

  /** Latencies from a change by HTTP to its watchers, in milliseconds. */
  get deliveries(): readonly Reading[] {
    return this.#crowd.latencies;
  }
}

async function createUsers(
  program: Program,
  serviceSid: string,
  name: string,
  count: number,
): Promise<string[]> {
  const made = Array.from({ length: count }, (_, index) =>
    program.post(`/v2/Services/${serviceSid}/Users`, { Identity: `${name}-${index}` }),
  );
  return (await Promise.all(made)).map(({ sid }) => sid);
}
