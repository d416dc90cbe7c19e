import { describe, expect, it } from '@jest/globals';
import { createElement, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import {
  PresenceDot,
  ReachabilityProvider,
  useReachability,
  useReachabilityConnection,
  useUser,
} from './index.ts';

function Team(): ReactElement {
  const { state, client } = useReachabilityConnection();
  const { status, isOnline } = useUser('bob');
  const names = [...useReachability(['bob', 'carol']).keys()];
  const text = `${state} ${String(client === null)} ${status} ${String(isOnline)} ${names.join()}`;
  return createElement('p', {}, text, createElement(PresenceDot, { user: 'bob', title: 'Bob' }));
}

describe('rendering on a server', () => {
  it('shows every User as unknown, and opens no connection', () => {
    const tokenProvider = (): Promise<string> => Promise.reject(new Error('asked for a token'));
    const html = renderToString(
      createElement(
        ReachabilityProvider,
        { url: 'http://127.0.0.1:9', tokenProvider },
        createElement(Team),
      ),
    );
    expect(html).toBe(
      '<p>connecting true loading null bob,carol' +
        '<span role="img" aria-label="unknown" title="Bob" data-presence="unknown" data-notifiable="null"></span></p>',
    );
  });

  it('shows as unknown whom the application does not know yet, and never asks for "undefined"', () => {
    const dot = createElement(PresenceDot, { user: undefined });
    const html = renderToString(createElement(ReachabilityProvider, { client: null }, dot));
    expect(html).toContain('data-presence="unknown"');
  });

  it('says which component is missing where there is no provider', () => {
    expect(() => renderToString(createElement(Team))).toThrow('<ReachabilityProvider>');
  });
});
