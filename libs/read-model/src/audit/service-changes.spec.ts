import { describe, expect, it } from '@jest/globals';
import { History, SERVICE } from '../../../../test/support/history.ts';
import { serviceChanges } from './service-changes.ts';

const KEY = `SK${'2'.repeat(32)}`;

/** What each event of a history changed. */
const settingsOf = (history: History) =>
  serviceChanges(history.events).changes.map(({ settings }) => settings);

describe('The changes of a Service', () => {
  it('are the settings that differ, each with its value before and after', () => {
    const history = new History().service();
    history.update({ webhookFilters: ['onUserUpdated'], graceSeconds: 5 });
    history.enable().update({ webhookFilters: null, graceSeconds: 9 });
    const plain = { onlyPassword: false };
    expect(settingsOf(history)).toEqual([
      [],
      [{ setting: 'webhookFilters', before: null, after: ['onUserUpdated'], ...plain }],
      [{ setting: 'reachabilityEnabled', before: false, after: true, ...plain }],
      [
        { setting: 'graceSeconds', before: 5, after: 9, ...plain },
        { setting: 'webhookFilters', before: ['onUserUpdated'], after: null, ...plain },
      ],
    ]);
  });

  it('show the default watch policy before the first change', () => {
    const history = new History().service().update({ watchPolicy: 'granted' });
    expect(settingsOf(history)[1]).toEqual([
      { setting: 'watchPolicy', before: 'all', after: 'granted', onlyPassword: false },
    ]);
  });

  it('name the part of a setting that differs', () => {
    const history = new History().service();
    history.update({ limits: { channelMembers: 100, userChannels: 7 } });
    expect(settingsOf(history)[1]).toEqual([
      { setting: 'limits.userChannels', before: 250, after: 7, onlyPassword: false },
    ]);
  });

  it('mask passwords, and say when only a password changed', () => {
    const history = new History().service();
    history.update({ postWebhookUrl: 'https://user:first@example.org/' });
    history.update({ postWebhookUrl: 'https://user:second@example.org/' });
    history.update({ postWebhookUrl: 'https://example.org/' });
    const masked = 'https://user:***@example.org/';
    const setting = 'postWebhookUrl';
    expect(settingsOf(history).slice(1)).toEqual([
      [{ setting, before: null, after: masked, onlyPassword: false }],
      [{ setting, before: masked, after: masked, onlyPassword: true }],
      [{ setting, before: masked, after: 'https://example.org/', onlyPassword: false }],
    ]);
  });

  it('contain those of its keys, in the order of the log', () => {
    const created = {
      keySid: KEY,
      friendlyName: 'key',
      scopes: ['read' as const],
      services: [SERVICE],
      expiresAt: null,
      secretId: 'a',
    };
    const history = new History().service().key({ type: 'ApiKeyCreated', data: created }).enable();
    history.key({ type: 'ApiKeyRevoked', data: { keySid: KEY } }).removeService();
    const { state, changes } = serviceChanges(history.events.toReversed());
    expect(changes.map(({ event }) => event.type)).toEqual([
      'ServiceCreated',
      'ApiKeyCreated',
      'ReachabilityEnabled',
      'ApiKeyRevoked',
      'ServiceDeleted',
    ]);
    expect(state.status).toBe('deleted');
  });
});
