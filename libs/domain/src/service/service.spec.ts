import { describe, expect, it } from '@jest/globals';
import { given, stateAfter } from '../../../../test/support/given.ts';
import { maskPasswords } from './mask-passwords.ts';
import { defaultRoles, type Role } from './roles.ts';
import type { ServiceEvent } from './service-events.ts';
import { DEFAULT_SERVICE_SETTINGS } from './service-settings.ts';
import { serviceDecider } from './service.ts';

const serviceSid = `IS${'1'.repeat(32)}`;
const created: ServiceEvent = {
  type: 'ServiceCreated',
  data: { serviceSid, friendlyName: 'Support' },
};
const enabled: ServiceEvent = { type: 'ReachabilityEnabled', data: { serviceSid } };
const disabled: ServiceEvent = { type: 'ReachabilityDisabled', data: { serviceSid } };
const deleted: ServiceEvent = { type: 'ServiceDeleted', data: { serviceSid } };
const create = { type: 'CreateService', serviceSid, friendlyName: 'Support' } as const;

describe('A Service', () => {
  it('is created', () => {
    given(serviceDecider, []).when(create).then([created]);
  });

  it('starts with the default settings and reachability disabled', () => {
    expect(stateAfter(serviceDecider, [created])).toEqual({
      status: 'active',
      sid: serviceSid,
      settings: { ...DEFAULT_SERVICE_SETTINGS, friendlyName: 'Support' },
      reachabilityEnabled: false,
    });
  });

  it('is not created twice', () => {
    given(serviceDecider, [created]).when(create).thenRefused('SERVICE.ALREADY_EXISTS');
  });

  it('cannot be created again after its deletion', () => {
    given(serviceDecider, [created, deleted]).when(create).thenRefused('SERVICE.ALREADY_EXISTS');
  });

  it('is deleted', () => {
    given(serviceDecider, [created]).when({ type: 'DeleteService' }).then([deleted]);
  });

  describe.each([
    ['that never was', []],
    ['that was deleted', [created, deleted]],
  ])('%s', (_, history) => {
    it.each([
      { type: 'UpdateService', changes: { friendlyName: 'Sales' } },
      { type: 'EnableReachability' },
      { type: 'DisableReachability' },
      { type: 'DeleteService' },
    ] as const)('refuses $type', (command) => {
      given(serviceDecider, history).when(command).thenRefused('SERVICE.NOT_FOUND');
    });
  });
});

describe('A webhook URL with a password', () => {
  const updated = (changes: object) =>
    ({ type: 'ServiceUpdated', data: { serviceSid, changes } }) satisfies ServiceEvent;
  const history = [
    created,
    updated({ preWebhookUrl: 'https://a:b@host/pre', postWebhookUrl: 'https://user:secret@host/' }),
  ];

  it('keeps the password where a client writes back the masked URL', () => {
    const changes = {
      preWebhookUrl: 'https://a:***@host/pre',
      postWebhookUrl: 'https://user:***@host/',
    };
    given(serviceDecider, history).when({ type: 'UpdateService', changes }).then([]);
  });

  it.each([null, 'https://user:***@other/', 'https://user:new@host/'])(
    'is replaced by %j',
    (url) => {
      given(serviceDecider, history)
        .when({ type: 'UpdateService', changes: { postWebhookUrl: url } })
        .then([updated({ postWebhookUrl: url })]);
    },
  );
});

describe('A webhook of one event', () => {
  const updated = (targetUrl: string | null, method: string | null) =>
    ({
      type: 'ServiceUpdated',
      data: { serviceSid, changes: { webhooks: { onUserUpdated: { targetUrl, method } } } },
    }) satisfies ServiceEvent;
  const set = (webhook: { readonly targetUrl?: string | null; readonly method?: string }) =>
    ({ type: 'UpdateService', changes: { webhooks: { onUserUpdated: webhook } } }) as const;
  const url = 'https://user:secret@host/';

  it('is set in parts', () => {
    given(serviceDecider, [created])
      .when(set({ method: 'GET' }))
      .then([updated(null, 'GET')]);
    given(serviceDecider, [created, updated(null, 'GET')])
      .when(set({ targetUrl: url }))
      .then([updated(url, 'GET')]);
  });

  it('keeps its password where a client writes back the masked URL', () => {
    given(serviceDecider, [created, updated(url, null)])
      .when(set({ targetUrl: 'https://user:***@host/' }))
      .then([]);
  });

  it('has its password masked in events', () => {
    expect(JSON.stringify(maskPasswords(updated(url, null)))).not.toContain('secret');
  });
});

describe('Reachability of a Service', () => {
  it('is enabled', () => {
    given(serviceDecider, [created]).when({ type: 'EnableReachability' }).then([enabled]);
  });

  it('is disabled', () => {
    given(serviceDecider, [created, enabled])
      .when({ type: 'DisableReachability' })
      .then([disabled]);
  });

  it('can be enabled again', () => {
    given(serviceDecider, [created, enabled, disabled])
      .when({ type: 'EnableReachability' })
      .then([enabled]);
  });

  it('is not enabled twice, so that no User falls back to null', () => {
    given(serviceDecider, [created, enabled]).when({ type: 'EnableReachability' }).then([]);
  });

  it('is not disabled twice', () => {
    given(serviceDecider, [created]).when({ type: 'DisableReachability' }).then([]);
  });
});

describe('An update of a Service', () => {
  const updated = (
    changes: Extract<ServiceEvent, { type: 'ServiceUpdated' }>['data']['changes'],
  ): ServiceEvent => ({ type: 'ServiceUpdated', data: { serviceSid, changes } });

  it('records only what it changes', () => {
    given(serviceDecider, [created])
      .when({ type: 'UpdateService', changes: { friendlyName: 'Support', graceSeconds: 10 } })
      .then([updated({ graceSeconds: 10 })]);
  });

  it('compares nested settings by value', () => {
    const { limits } = DEFAULT_SERVICE_SETTINGS;
    given(serviceDecider, [created])
      .when({ type: 'UpdateService', changes: { limits: { ...limits } } })
      .then([]);
  });

  it('records a nested setting whole', () => {
    const limits = { ...DEFAULT_SERVICE_SETTINGS.limits, userChannels: 1_000 };
    given(serviceDecider, [created])
      .when({ type: 'UpdateService', changes: { limits } })
      .then([updated({ limits })]);
  });

  it('of part of a nested setting keeps the other parts', () => {
    const { limits, notifications } = DEFAULT_SERVICE_SETTINGS;
    given(serviceDecider, [created])
      .when({
        type: 'UpdateService',
        changes: {
          limits: { userChannels: 1_000 },
          notifications: { newMessage: { sound: 'ding' } },
        },
      })
      .then([
        updated({
          limits: { ...limits, userChannels: 1_000 },
          notifications: {
            ...notifications,
            newMessage: { ...notifications.newMessage, sound: 'ding' },
          },
        }),
      ]);
  });

  it.each(['newMessage', 'addedToChannel', 'removedFromChannel', 'invitedToChannel'] as const)(
    'reaches the notification %s alone',
    (kind) => {
      const { notifications } = DEFAULT_SERVICE_SETTINGS;
      given(serviceDecider, [created])
        .when({ type: 'UpdateService', changes: { notifications: { [kind]: { enabled: true } } } })
        .then([updated({ notifications: { ...notifications, [kind]: { enabled: true } } })]);
    },
  );

  it('that changes nothing yields no event', () => {
    given(serviceDecider, [created, enabled])
      .when({ type: 'UpdateService', changes: {}, reachabilityEnabled: true })
      .then([]);
  });

  it('may change the flag as well', () => {
    given(serviceDecider, [created])
      .when({
        type: 'UpdateService',
        changes: { friendlyName: 'Sales' },
        reachabilityEnabled: true,
      })
      .then([updated({ friendlyName: 'Sales' }), enabled]);
  });

  it('without the flag leaves the flag unchanged', () => {
    given(serviceDecider, [created, enabled])
      .when({ type: 'UpdateService', changes: { graceSeconds: 0 } })
      .then([updated({ graceSeconds: 0 })]);
  });

  it('yields no event when it is repeated', () => {
    given(serviceDecider, [created, updated({ graceSeconds: 0 })])
      .when({ type: 'UpdateService', changes: { graceSeconds: 0 } })
      .then([]);
  });

  it('to the watch policy that a new Service has yields no event, and later ones do', () => {
    const changeTo = (watchPolicy: 'all' | 'granted') =>
      ({ type: 'UpdateService', changes: { watchPolicy } }) as const;
    given(serviceDecider, [created]).when(changeTo('all')).then([]);
    given(serviceDecider, [created])
      .when(changeTo('granted'))
      .then([updated({ watchPolicy: 'granted' })]);
    const history = [created, updated({ watchPolicy: 'granted' })];
    given(serviceDecider, history).when(changeTo('granted')).then([]);
    given(serviceDecider, history)
      .when(changeTo('all'))
      .then([updated({ watchPolicy: 'all' })]);
  });
});

describe('Roles of a Service', () => {
  const at = '2026-11-29T10:00:00.000Z';
  const later = '2026-11-29T11:00:00.000Z';
  const sid = `RL${'1'.repeat(32)}`;
  const boss: Role = {
    sid,
    friendlyName: 'Boss',
    type: 'channel',
    permissions: ['sendMessage'],
    createdAt: at,
    updatedAt: null,
  };
  const create = { type: 'CreateRole', role: named(boss), at } as const;
  const changed = (...roles: readonly Role[]) =>
    ({
      type: 'ServiceUpdated',
      data: { serviceSid, changes: { roles: [...roles] } },
    }) satisfies ServiceEvent;
  const defaults = defaultRoles(serviceSid);

  it('are the default ones and those that were created', () => {
    given(serviceDecider, [created])
      .when(create)
      .then([changed(...defaults, boss)]);
  });

  it('keep the time of their creation when their permissions change', () => {
    given(serviceDecider, [created, changed(boss)])
      .when({ type: 'UpdateRole', roleSid: sid, permissions: ['addMember'], at: later })
      .then([changed({ ...boss, permissions: ['addMember'], updatedAt: later })]);
  });

  it('do not change by the same permissions', () => {
    given(serviceDecider, [created, changed(boss)])
      .when({ type: 'UpdateRole', roleSid: sid, permissions: ['sendMessage'], at: later })
      .then([]);
  });

  it('may all be deleted, the default ones too', () => {
    given(serviceDecider, [created, changed(boss)])
      .when({ type: 'DeleteRole', roleSid: sid })
      .then([changed()]);
    given(serviceDecider, [created])
      .when({ type: 'DeleteRole', roleSid: defaults[0]!.sid })
      .then([changed(...defaults.slice(1))]);
  });

  it('are not found after they were deleted', () => {
    const history = [created, changed()];
    given(serviceDecider, history)
      .when({ type: 'DeleteRole', roleSid: defaults[0]!.sid })
      .thenRefused('ROLE.NOT_FOUND');
    given(serviceDecider, history)
      .when({ type: 'UpdateRole', roleSid: sid, permissions: [], at })
      .thenRefused('ROLE.NOT_FOUND');
  });

  it('are at most 100', () => {
    const full = changed(...Array.from({ length: 100 }, () => boss));
    given(serviceDecider, [created, full]).when(create).thenRefused('ROLE.TOO_MANY');
  });

  it('need a Service', () => {
    given(serviceDecider, []).when(create).thenRefused('SERVICE.NOT_FOUND');
    given(serviceDecider, [created, deleted]).when(create).thenRefused('SERVICE.NOT_FOUND');
  });

  it('stay when settings change', () => {
    given(serviceDecider, [created, changed(boss)])
      .when({ type: 'UpdateService', changes: { graceSeconds: 9 } })
      .then([{ type: 'ServiceUpdated', data: { serviceSid, changes: { graceSeconds: 9 } } }]);
  });
});

function named({ sid, friendlyName, type, permissions }: Role) {
  return { sid, friendlyName, type, permissions };
}
