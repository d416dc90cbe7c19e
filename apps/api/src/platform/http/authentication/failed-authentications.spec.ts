import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { readSettings } from '#shared/settings/settings';
import { FailedAuthentications } from './failed-authentications.ts';

const ACCOUNT = `AC${'1'.repeat(32)}`;
const KEY = `SK${'2'.repeat(32)}`;

function requestFrom(address: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.defineProperty(request.socket, 'remoteAddress', { value: address });
  return request;
}

describe('FailedAuthentications', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Two failures at once, then one each 10 seconds. */
  function limited() {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const settings = readSettings({
      AUTHENTICATION_FAILURES_PER_MINUTE: '6',
      AUTHENTICATION_FAILURE_BURST: '2',
    });
    const apiKeys = new Map([[KEY, 'secret']]);
    const credentials = { accountSid: ACCOUNT, authToken: 'token', apiKeys, fresh: false };
    const clock = { ms: 1_000 };
    const failures = new FailedAuthentications(
      settings,
      credentials,
      new Registry(),
      () => clock.ms,
      { has: () => false },
    );
    const fail = (address: string, sid = ACCOUNT) => failures.record(requestFrom(address), sid);
    return { clock, fail, messages: () => warn.mock.calls.map(([message]) => String(message)) };
  }

  it('allows further failures after the time that it returned', () => {
    const { clock, fail } = limited();
    expect([fail('10.0.0.1'), fail('10.0.0.1'), fail('10.0.0.1')]).toEqual([null, null, 10]);
    clock.ms += 10_000;
    expect([fail('10.0.0.1'), fail('10.0.0.1')]).toEqual([null, 10]);
    expect(fail('10.0.0.2')).toBeNull();
  });

  it('forgets the network that failed longest ago when there are 10,000 others', () => {
    const { fail } = limited();
    expect([fail('10.0.0.1'), fail('10.0.0.1'), fail('10.0.0.1')]).toEqual([null, null, 10]);
    for (let index = 0; index < 10_000; index += 1) {
      fail(`10.1.${Math.floor(index / 256)}.${index % 256}`);
    }
    expect(fail('10.0.0.1')).toBeNull();
  });

  it('logs each account once a minute, with the number of failures since', () => {
    const { clock, fail, messages } = limited();
    for (const sid of [ACCOUNT, ACCOUNT, ACCOUNT, KEY, 'my-secret', 'my-other-secret']) {
      fail('10.0.0.1', sid);
    }
    expect(messages()).toEqual([
      `Wrong credentials for ${ACCOUNT} from 10.0.0.1`,
      `Wrong credentials for ${KEY} from 10.0.0.1`,
      'Wrong credentials for an unknown account from 10.0.0.1',
    ]);
    clock.ms += 60_000;
    fail('10.0.0.2', ACCOUNT);
    fail('10.0.0.2', ACCOUNT);
    expect(messages().slice(3)).toEqual([
      `Wrong credentials for ${ACCOUNT} from 10.0.0.2; 2 more since the last message`,
    ]);
  });
});
