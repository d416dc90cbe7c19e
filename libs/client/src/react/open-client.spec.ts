import { describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../../test/support/until.ts';
import { ReachabilityError } from '../errors.ts';
import { openClient } from './open-client.ts';
import { PresenceStore } from './presence-store.ts';

const listener = { opened: jest.fn(), failed: jest.fn() };

describe('openClient', () => {
  it('opens no connection where the component has gone before there is a token', async () => {
    const asked = Promise.withResolvers<undefined>();
    const token = Promise.withResolvers<string>();
    const opened = jest.fn();
    class Socket extends WebSocket {
      constructor(url: string) {
        super(url);
        opened();
      }
    }
    const tokenProvider = (): Promise<string> => {
      asked.resolve(undefined);
      return token.promise;
    };
    const source = { url: 'http://127.0.0.1:9', tokenProvider, WebSocket: Socket };
    const shutDown = openClient(source, listener);
    await asked.promise;
    shutDown();
    token.resolve('a token');
    await new Promise(setImmediate);
    expect(opened).not.toHaveBeenCalled();
    expect(listener.failed).not.toHaveBeenCalled();
  });

  it('gives up where no attempt can succeed, and says so', async () => {
    const store = new PresenceStore();
    const tokenProvider = (): Promise<string> => Promise.resolve('a token');
    const shutDown = openClient(
      { url: 'nowhere', tokenProvider },
      { opened: () => undefined, failed: (error) => store.fail(error) },
    );
    await until('the failure', () => store.connection().state === 'failed' || undefined);
    expect(store.connection().error).toMatchObject({ code: 'invalid' });
    shutDown();
  });

  it('goes on while the token provider fails', async () => {
    const store = new PresenceStore();
    const tokenProvider = jest.fn(() => Promise.reject(new Error('away')));
    const shutDown = openClient(
      { url: 'http://127.0.0.1:9', tokenProvider },
      { opened: () => undefined, failed: (error) => store.fail(error) },
    );
    await until('another attempt', () => tokenProvider.mock.calls.length > 1 || undefined);
    expect(store.connection()).toMatchObject({ state: 'connecting' });
    expect(store.connection().error).toBeInstanceOf(ReachabilityError);
    shutDown();
  });
});
