import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../support/free-ports.ts';
import { startProgram, type Program } from '../../support/program.ts';

/** Most compressed bytes until the form to sign in and the first page can be shown. */
const FIRST_LOAD_BYTES = 200_000;

describe('the files of the console', () => {
  let program: Program;

  beforeAll(async () => {
    const [port] = await freePorts(1);
    const publicUrl = `http://127.0.0.1:${port}/reach`;
    program = await startProgram({
      env: { NODE_ENV: 'production', PORT: String(port), PUBLIC_URL: publicUrl },
    });
  });

  afterAll(async () => {
    await program.stop();
  });

  /** Requests a path of the program as a proxy does that has removed the path of PUBLIC_URL. */
  async function fetchRaw(path: string, encoding = 'identity') {
    const { promise, resolve, reject } = Promise.withResolvers<{
      readonly status: number | undefined;
      readonly headers: Readonly<Record<string, unknown>>;
      readonly body: Buffer;
    }>();
    const { hostname, port } = new URL(program.url);
    request({ hostname, port, path, headers: { 'accept-encoding': encoding } }, (incoming) => {
      const { statusCode: status, headers } = incoming;
      buffer(incoming).then((body) => resolve({ status, headers, body }), reject);
    })
      .on('error', reject)
      .end();
    return promise;
  }

  async function assets(): Promise<string[]> {
    const { body } = await fetchRaw('/console');
    return [...body.toString().matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  }

  it('are served in production, under the path of PUBLIC_URL', async () => {
    const paths = await assets();
    expect(paths.length).toBeGreaterThanOrEqual(3);
    for (const path of paths) {
      expect(path).toMatch(/^\/reach\/console\/assets\//);
      expect((await fetchRaw(path.replace('/reach', ''))).status).toBe(200);
    }
  });

  it('need less than 200 KB until the first page is shown', async () => {
    let bytes = 0;
    for (const path of await assets()) {
      bytes += (await fetchRaw(path.replace('/reach', ''), 'br, gzip')).body.length;
    }
    expect(bytes).toBeLessThan(FIRST_LOAD_BYTES);
  });

  it('are compressed as the browser can take it, and may be kept for good', async () => {
    const script =
      (await assets()).find((path) => path.endsWith('.js'))?.replace('/reach', '') ?? '';
    const plain = await fetchRaw(script);
    const brotli = await fetchRaw(script, 'br');
    const gzip = await fetchRaw(script, 'gzip');
    expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it.each(['/console', '/console/', '/console/services/IS1/users/US1'])(
    'answer %s with the page, which is not kept and runs its own files only',
    async (path) => {
      const { status, headers } = await fetchRaw(path);
      expect(status).toBe(200);
      expect(headers['content-type']).toMatch(/^text\/html/);
      expect(headers['cache-control']).toBe('no-cache');
      expect(headers['referrer-policy']).toBe('no-referrer');
      const policy = headers['content-security-policy'];
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy).not.toMatch(/unsafe|\*/);
    },
  );

  it.each([
    ['/console/assets/missing.js', 404],
    ['/console/assets/../index.html', 403],
    ['/console/assets/%2e%2e/%2e%2e/.sources', 403],
  ])('do not include %s', async (path, status) => {
    expect((await fetchRaw(path)).status).toBe(status);
  });

  it('have the licences of what they contain', async () => {
    const { body } = await fetchRaw('/console/licences');
    expect(body.toString()).toMatch(/react-dom.*MIT/);
  });
});
