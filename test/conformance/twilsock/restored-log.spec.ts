import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { textOf } from '../../support/fields.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { until } from '../../support/until.ts';
import { ChatService } from './chat-service.ts';
import { describeSdks, SdkClient, SDKS, type SdkUser } from './sdk-client.ts';

const PATIENCE_MS = 90_000;

let directory: string;
let programs: Programs;
let program: Program;
let service: ChatService;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'reachability-restored-'));
  programs = new Programs();
  program = await programs.start({ env: { DRAIN_SECONDS: '1' } });
  service = await ChatService.create(program);
});
afterEach(async () => {
  SdkClient.killAll();
  await programs.end();
  rmSync(directory, { recursive: true });
});

/** Copies the log while the service runs. */
function copyLog(): void {
  const db = new DatabaseSync(join(programs.dataDir, 'events.db'), { readOnly: true });
  db.prepare('VACUUM INTO ?').run(join(directory, 'copy.db'));
  db.close();
}

/** Replaces the log by the copy while the service runs, and waits until the service has started over. */
async function putBack(): Promise<void> {
  const former = await epoch();
  const file = join(programs.dataDir, 'events.db');
  cpSync(join(directory, 'copy.db'), `${file}.new`);
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  renameSync(`${file}.new`, file);
  await until(
    'a new epoch',
    async () => {
      const { status } = await program.get('/health/ready').catch(() => ({ status: 0 }));
      if (status !== 200) return undefined;
      return (await epoch().catch(() => former)) === former ? undefined : true;
    },
    PATIENCE_MS,
  );
}

async function epoch(): Promise<string> {
  const version = textOf(await service.reachability('bob'), 'version');
  return version.slice(0, version.indexOf(':'));
}

describeSdks.each(SDKS)('%s, connected while an older copy of the log is put back', (sdk) => {
  it('shows the restored state and later changes, each time', async () => {
    await service.createUser('bob');
    copyLog();
    const alice = await service.client(sdk, 'alice');
    await service.connect('bob');
    await service.untilRest('bob', { online: true, notifiable: false });
    expect(await alice.getUser('bob')).toMatchObject({ online: true });
    await program.post(service.pathOf('bob'), { FriendlyName: 'lost' });
    await alice.updated('bob', 'friendlyName');

    for (const friendlyName of ['first', 'second']) {
      await putBack();
      await until(
        'the SDK to show the state of the copy',
        async () => {
          const users = (await alice.call('getSubscribedUsers')) as SdkUser[];
          const bob = users.find(({ identity }) => identity === 'bob');
          return bob?.online === null && bob.friendlyName === null ? true : undefined;
        },
        PATIENCE_MS,
      );
      alice.clearEvents();
      await program.post(service.pathOf('bob'), { FriendlyName: friendlyName });
      expect(await alice.updated('bob', 'friendlyName')).toMatchObject({ friendlyName });
      await service.connect('bob');
      expect(await alice.updated('bob', 'online')).toMatchObject({ online: true });
    }
    expect(alice.failures).toEqual([]);
  }, 300_000);
});
