import { beforeEach, describe, expect, it } from '@jest/globals';
import { folder, InMemoryLogOwner } from '../../../../test/support/in-memory-log-owner.ts';
import { ManualTiming } from '../../../../test/support/manual-timing.ts';
import { LogClaim } from '../composition/ownership/log-claim.ts';
import { forgetLogOwner } from './forget-log-owner.ts';
import { RefusedError } from './refused-error.ts';

const ALONE = { tryToBeLast: () => true, leave: () => undefined };

describe('To forget the owner of a log', () => {
  let store: InMemoryLogOwner;
  let timing: ManualTiming;

  beforeEach(() => {
    store = new InMemoryLogOwner();
    timing = new ManualTiming();
  });

  const take = (id: string): Promise<LogClaim> =>
    LogClaim.take({ store, self: folder(id), count: ALONE, timing, report: () => undefined });

  it('lets another folder start at once, and stops the processes of the forgotten one', async () => {
    const claim = await take('a');
    expect((await forgetLogOwner(store, 'a')).id).toBe('a');
    await take('b');
    expect(store.summary).toBe('held:b');
    await timing.pass(1_000);
    expect(String(await claim.lost)).toContain('in use with /b of machine m now');
  });

  it('stops the processes of the forgotten folder also where no other has started', async () => {
    const claim = await take('a');
    await forgetLogOwner(store, null);
    await timing.pass(1_000);
    expect(String(await claim.lost)).toContain('nodes forget');
  });

  it('lets the forgotten folder start again when no other has come first for 10 s', async () => {
    await (await take('a')).leaveToSuccessor();
    await forgetLogOwner(store, null);
    const again = take('a');
    await timing.pass(9_000);
    expect(store.summary).toBe('forgotten:a');
    await timing.pass(1_500);
    await again;
    expect(store.summary).toBe('held:a');
  });

  it('is refused for another folder than that which has the log', async () => {
    await take('a');
    await expect(forgetLogOwner(store, 'b')).rejects.toThrow(
      new RefusedError('The event store is in use with a, /a of machine m'),
    );
    expect(store.summary).toBe('held:a');
  });

  it('is refused where the log is not in use', async () => {
    await expect(forgetLogOwner(store, null)).rejects.toThrow(RefusedError);
    await (await take('a')).release();
    await expect(forgetLogOwner(store, 'a')).rejects.toThrow(RefusedError);
  });
});
