/**
 * Measures what tracing costs a server: the processor time of a read, and of opening and closing a Connection, with tracing
 * off, and with 1 % and 100 % of the traces recorded and exported. The servers take turns. With the directory of an earlier
 * build in EARLIER_BUILD, that one takes turns with them. Run: `npm run bench -- tracing`
 */
import { createServer } from 'node:http';
import { startProgram, type Program } from '../support/program.ts';
import { printMachine } from './report.ts';
import { cpuSeconds } from './realtime/server.ts';

const ROUNDS = 7;
const READS = 3_000;
const CONNECTS = 300;
const CONCURRENT = 16;

interface Variant {
  readonly name: string;
  readonly program: Program;
  readonly service: string;
  /** Microseconds of processor time for each, by round. */
  readonly reads: number[];
  readonly connects: number[];
}

/** Takes spans and forgets them. */
const collector = createServer((request, response) => {
  request.resume().on('end', () => response.end());
});
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
const address = collector.address();
const port = address === null || typeof address === 'string' ? 0 : address.port;

async function start(
  name: string,
  env: Readonly<Record<string, string>>,
  root?: string,
): Promise<Variant> {
  const program = await startProgram({
    env: { LOG_LEVEL: 'error', ...env },
    ...(root === undefined ? {} : { root }),
  });
  const { sid } = await program.post('/v2/Services', { FriendlyName: 'S' });
  const service = `/v2/Services/${sid}`;
  await program.post(service, { ReachabilityEnabled: 'true' });
  for (let user = 0; user < CONCURRENT; user += 1) {
    await program.post(`${service}/Users`, { Identity: `user-${user}` });
  }
  return { name, program, service, reads: [], connects: [] };
}

const traced = (ratio: string): Record<string, string> => ({
  TRACING: 'otlp',
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
  OTEL_TRACES_SAMPLER_ARG: ratio,
});

/** Does something a number of times, for several Users at the same time; returns the processor time of each in microseconds. */
async function costOf(
  { program }: Variant,
  times: number,
  work: (user: string) => Promise<unknown>,
): Promise<number> {
  const { pid = 0 } = program;
  const before = cpuSeconds(pid);
  const each = Array.from({ length: CONCURRENT }, async (_, user) => {
    for (let time = 0; time < times / CONCURRENT; time += 1) await work(`user-${user}`);
  });
  await Promise.all(each);
  return ((cpuSeconds(pid) - before) / times) * 1_000_000;
}

async function takeTurn(variant: Variant): Promise<void> {
  const { program, service, reads, connects } = variant;
  reads.push(await costOf(variant, READS, (user) => program.get(`${service}/Users/${user}`)));
  const connect = async (user: string): Promise<void> => {
    const path = `${service}/Users/${user}/Connections`;
    await program.delete(`${path}/${(await program.post(path, {})).sid}`);
  };
  connects.push(await costOf(variant, CONNECTS, connect));
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const { EARLIER_BUILD: earlier } = process.env;
const variants: Variant[] = [];
try {
  if (earlier !== undefined) {
    variants.push(await start('earlier build', {}, earlier));
  }
  variants.push(
    await start('off', {}),
    await start('on, 1 %', traced('0.01')),
    await start('on, 100 %', traced('1')),
  );
  printMachine(0);
  for (const variant of variants) await takeTurn(variant);
  for (const { reads, connects } of variants) reads.length = connects.length = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const variant of variants) await takeTurn(variant);
  }
  for (const { name, reads, connects } of variants) {
    const [least, middle] = [Math.min(...reads), median(reads)];
    const [leastConnect, middleConnect] = [Math.min(...connects), median(connects)];
    console.log(
      `${name.padEnd(16)}GET of a User: median ${middle.toFixed(0)} µs, least ${least.toFixed(0)} µs;  ` +
        `Connection opened and closed: median ${middleConnect.toFixed(0)} µs, least ${leastConnect.toFixed(0)} µs`,
    );
  }
} finally {
  await Promise.all(variants.map(({ program }) => program.stop()));
  collector.close();
}
