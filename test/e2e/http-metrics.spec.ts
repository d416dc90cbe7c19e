import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../support/program.ts';
import { until } from '../support/until.ts';

const REQUESTS = 'reachability_http_requests_total';

describe('The metrics of HTTP requests', () => {
  let program: Program;

  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });

  const read = async (): Promise<readonly string[]> =>
    (await program.get('/metrics')).text.split('\n');
  /** A request is counted after its answer was sent. */
  const line = (text: string) =>
    until(text, async () => ((await read()).includes(text) ? true : undefined));

  it('count by route, not by path, and by status', async () => {
    for (const name of ['a', 'b', 'c']) await program.get(`/v2/Services/${name}`);
    await program.get('/v2/Services/d', { auth: null });
    const of = (status: number) =>
      `{method="GET",route="/v2/Services/:serviceSid",status="${status}"}`;
    await line(`${REQUESTS}${of(404)} 3`);
    await line(`${REQUESTS}${of(401)} 1`);
  });

  it('have a histogram of times by route and class of status', async () => {
    await program.get('/v2/Services/e');
    const name = 'reachability_http_request_duration_seconds';
    const labels = 'method="GET",route="/v2/Services/:serviceSid",status="4xx"';
    const count = await until('a count', async () => {
      const start = `${name}_count{${labels}} `;
      return (await read()).find((text) => text.startsWith(start))?.slice(start.length);
    });
    const all = (await read()).find((text) =>
      text.startsWith(`${name}_bucket{${labels},le="+Inf"}`),
    );
    expect(Number(count)).toBeGreaterThanOrEqual(1);
    expect(all).toContain(' ');
  });

  it('have one label for all paths that do not exist', async () => {
    for (let count = 0; count < 20; count += 1) await program.get(`/nothing/${count}`);
    await line(`${REQUESTS}{method="GET",route="none",status="404"} 20`);
    expect((await read()).filter((text) => text.includes('/nothing'))).toEqual([]);
  });

  it('measure the time of each route', async () => {
    await program.get('/health/live');
    await until('a duration', async () =>
      (await read()).some((text) =>
        /^reachability_http_request_seconds_total\{.*route="\/health\/live"\} 0\.\d/.test(text),
      )
        ? true
        : undefined,
    );
  });
});
