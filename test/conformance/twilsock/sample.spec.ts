import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import { clientTree, isInstalled } from '../../twilio-clients/trees.ts';
import { ChatService } from './chat-service.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SAMPLE = join(ROOT, 'examples/twilio-chat-reachability.mjs');
/** The package that the sample imports. */
const TREE = clientTree('twilio-chat-6.0');
const itWithPackage = isInstalled(TREE) ? it : it.skip;

/** Folder of an application that has the sample and its package. */
const folder = mkdtempSync(join(tmpdir(), 'reachability-sample-'));
let program: Program;

beforeAll(async () => {
  copyFileSync(SAMPLE, join(folder, 'sample.mjs'));
  symlinkSync(join(TREE.folder, 'node_modules'), join(folder, 'node_modules'));
  program = await startProgram();
});
afterAll(async () => {
  await program.stop();
  rmSync(folder, { recursive: true });
});

itWithPackage(
  'A chat application written for Twilio shows who is online after a change of its address and token',
  async () => {
    const service = await ChatService.create(program);
    await service.setGrace(60);
    await service.createUser('bob');
    const child = spawn(join(ROOT, 'node_modules/.bin/node'), [join(folder, 'sample.mjs'), 'bob'], {
      env: {
        PATH: process.env['PATH'],
        CHAT_URI: `${program.url.replace(/^http/, 'ws')}/v3/wsconnect`,
        CHAT_TOKEN: service.token('alice'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    /** The next line of output that is not about the connection. */
    const nextLine = async (): Promise<string> => {
      const { value } = await lines.next();
      return value === undefined || !value.startsWith('(') ? String(value) : nextLine();
    };
    try {
      expect(await nextLine()).toBe('bob: unknown');
      const disconnect = await service.connect('bob');
      expect(await nextLine()).toBe('bob: online');
      await disconnect();
      expect(await nextLine()).toBe('bob: offline, out of reach');
      await program.post(`${service.pathOf('bob')}/Bindings`, { BindingType: 'apn', Address: 'b' });
      expect(await nextLine()).toBe('bob: offline, a push would reach them');
      await service.setEnabled(false);
      expect(await nextLine()).toBe('bob: unknown');
      await service.setEnabled(true);
      await service.untilRest('alice', { online: null, notifiable: null });
      child.kill('SIGINT');
      const [code] = (await once(child, 'exit')) as [number];
      expect(code).toBe(0);
      await until('the Connection of alice to be closed', async () => {
        const { body } = await program.get(`${service.pathOf('alice')}/Connections`);
        return (body['connections'] as unknown[]).length === 0 ? true : undefined;
      });
    } finally {
      child.kill('SIGKILL');
    }
  },
);
