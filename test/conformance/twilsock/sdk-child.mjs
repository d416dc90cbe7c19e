/**
 * One of Twilio's client SDKs in a process of its own, so that its timers and sockets end with it. Takes
 * `{ id, call, args }` over IPC and answers `{ id, value }` or `{ id, error }`; says what happens to the client as
 * `{ event, value }`. Users look the same whichever SDK it is.
 */
import { createRequire } from 'node:module';

const [, , sdk, options, token] = process.argv;
const require = createRequire(import.meta.url);

const NAMES = {
  'twilio-chat': { online: 'online', notifiable: 'notifiable' },
  '@twilio/conversations': { online: 'isOnline', notifiable: 'isNotifiable' },
};
const names = NAMES[sdk];
const REASONS = { reachabilityOnline: 'online', reachabilityNotifiable: 'notifiable' };

const userOf = (user) => ({
  identity: user.identity,
  friendlyName: user.friendlyName,
  attributes: user.attributes,
  online: user[names.online],
  notifiable: user[names.notifiable],
});

function say(message) {
  if (process.connected) process.send(message);
}

const { Client } = require(sdk);
const client = new Client(token, { logLevel: 'silent', ...JSON.parse(options) });
const initialized = new Promise((resolve, reject) => {
  client.on('stateChanged', (state) =>
    state === 'initialized' ? resolve() : reject(new Error(state)),
  );
});
initialized.catch(() => undefined);

const PLAIN = ['connectionStateChanged', 'stateChanged', 'tokenAboutToExpire', 'tokenExpired'];
for (const event of PLAIN) client.on(event, (value) => say({ event, value }));
client.on('connectionError', ({ terminal, httpStatusCode, errorCode }) => {
  say({ event: 'connectionError', value: { terminal, httpStatusCode, errorCode } });
});
for (const event of ['userSubscribed', 'userUnsubscribed']) {
  client.on(event, (user) => say({ event, value: user.identity }));
}
client.on('userUpdated', ({ user, updateReasons }) => {
  const reasons = updateReasons.map((reason) => REASONS[reason] ?? reason);
  say({ event: 'userUpdated', value: { ...userOf(user), reasons } });
});

const subscribed = async (identity) => {
  const users = await client.getSubscribedUsers();
  return users.find((user) => user.identity === identity);
};

const calls = {
  initialized: () => initialized,
  reachabilityEnabled: () => client.reachabilityEnabled,
  connectionState: () => client.connectionState,
  getUser: async (identity) => userOf(await client.getUser(identity)),
  getUserDescriptor: async (identity) => {
    const { online, notifiable, friendlyName } = await client.getUserDescriptor(identity);
    return { identity, online, notifiable, friendlyName };
  },
  getSubscribedUsers: async () => (await client.getSubscribedUsers()).map(userOf),
  unsubscribe: async (identity) => (await subscribed(identity)).unsubscribe(),
  updateFriendlyName: async (name) => void (await client.user.updateFriendlyName(name)),
  updateAttributes: async (attributes) => void (await client.user.updateAttributes(attributes)),
  updateToken: async (newToken) => void (await client.updateToken(newToken)),
  setPushRegistrationId: (type, id) => client.setPushRegistrationId(type, id),
  unsetPushRegistrationId: (type) => client.unsetPushRegistrationId(type),
  removePushRegistrations: (type, id) => client.removePushRegistrations(type, id),
  shutdown: () => client.shutdown(),
};

process.on('message', async ({ id, call, args }) => {
  try {
    say({ id, value: (await calls[call](...args)) ?? null });
  } catch (error) {
    say({
      id,
      error: {
        message: String(error?.message ?? error),
        status: error?.status ?? error?.code ?? null,
      },
    });
  }
});
process.on('disconnect', () => process.exit());
process.on('unhandledRejection', (error) =>
  say({ event: 'unhandledRejection', value: String(error) }),
);
