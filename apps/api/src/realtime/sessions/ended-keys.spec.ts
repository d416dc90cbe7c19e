import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { muteLogger } from '../../../../../test/support/muted-logger.ts';
import { RecordingClient, SessionWorld } from '../../../../../test/support/session-world.ts';
import type { AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import { TokenError } from '../../platform/access-tokens/token-error.ts';

let world: SessionWorld;
beforeEach(async () => {
  muteLogger('log', 'warn');
  world = new SessionWorld();
  await world.begin();
});
afterEach(async () => {
  await world.end();
  jest.restoreAllMocks();
});

/** A token that a secret of an API key has signed. */
function tokenOf(secretId: string): AccessToken {
  return { ...world.token(), signedBy: { keySid: `SK${'1'.repeat(32)}`, secretId } };
}

describe('A session whose API key ends', () => {
  it('is closed for good, and those of other secrets are not', async () => {
    const old = await world.open(new RecordingClient(), tokenOf('old'));
    const current = await world.open(new RecordingClient(), tokenOf('current'));
    const ofSettings = await world.open();
    world.endSecret('old');
    await world.sessions.allClosesRecorded();
    expect(old.client.calls).toEqual(['key_ended', 'session ended']);
    expect(world.closes).toMatchObject([
      { connectionSid: old.session.connectionSid, cause: 'admin' },
    ]);
    for (const { session } of [current, ofSettings]) expect(session.isAttached).toBe(true);
  });

  it('is closed once it is open, where the key ends while it is opening', async () => {
    const client = new RecordingClient();
    const opening = world.open(client, tokenOf('old'));
    world.endSecret('old');
    const { session } = await opening;
    await world.sessions.allClosesRecorded();
    expect(session.isEnded).toBe(true);
    expect(client.calls).toContain('key_ended');
    expect(world.types).toEqual(['UserCreated', 'ConnectionOpened', 'ConnectionClosed']);
  });

  it('does not open, where the key has ended after the token was verified', async () => {
    const token = tokenOf('old');
    world.endSecret('old');
    await expect(world.open(new RecordingClient(), token)).rejects.toThrow(TokenError);
    expect(world.types).toEqual([]);
  });

  it('is closed within its grace period, too', async () => {
    const { session } = await world.open(new RecordingClient(), tokenOf('old'));
    session.socketClosed();
    world.endSecret('old');
    await world.sessions.allClosesRecorded();
    expect(world.closes).toMatchObject([{ cause: 'admin' }]);
  });

  it('is neither resumed nor renewed with a token of a secret that has ended', async () => {
    const { client, session } = await world.open(new RecordingClient(), tokenOf('current'));
    const token = tokenOf('old');
    world.endSecret('old');
    await expect(world.sessions.renew(session, token)).rejects.toThrow(TokenError);
    session.socketClosed();
    const resume = () =>
      world.sessions.tryResume(token, session.connectionSid, new RecordingClient());
    expect(resume).toThrow(TokenError);
    expect(session.isDetached).toBe(true);
    expect(client.calls).toEqual([]);
  });

  it('stays open once it was renewed with a token of another secret', async () => {
    const { client, session } = await world.open(new RecordingClient(), tokenOf('old'));
    await world.followed();
    expect(await world.sessions.renew(session, tokenOf('current'))).toBe(true);
    world.endSecret('old');
    expect(session.isAttached).toBe(true);
    expect(client.calls).toEqual([]);
  });
});
