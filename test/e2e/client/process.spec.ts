import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

it('the client SDK ends no process, and keeps none from ending, whatever the application neglects', async () => {
  const { stdout } = await run(
    join(ROOT, 'node_modules/.bin/node'),
    ['--conditions=source', join(ROOT, 'test/fixtures/client-dropper.ts')],
    { timeout: 20_000 },
  );
  expect(stdout).toBe('ended by itself\n');
});
