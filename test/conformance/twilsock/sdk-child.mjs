/**
 * One of Twilio's client SDKs in a child process, so that its timers and sockets end with the process. Takes
 * `{ id, call, args }` over IPC, answers `{ id, value }` or `{ id, error }`, and reports events of the client as
 * `{ event, value }`. Users have the same form for both SDKs.
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

function send(message) {
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

const VALUE_EVENTS = [
  'connectionStateChanged',
  'stateChanged',
  'tokenAboutToExpire',
  'tokenExpired',
];
for (const event of VALUE_EVENTS) client.on(event, (value) => send({ event, value }));
client.on('connectionError', ({ terminal, message, httpStatusCode, errorCode }) => {
  send({ event: 'connectionError', value: { terminal, httpStatusCode, errorCode } });
  send({ event: 'connectionErrorMessage', value: message });
});
for (const event of ['userSubscribed', 'userUnsubscribed']) {
  client.on(event, (user) => send({ event, value: user.identity }));
}
client.on('userUpdated', ({ user, updateReasons }) => {
  const reasons = updateReasons.map((reason) => REASONS[reason] ?? reason);
  send({ event: 'userUpdated', value: { ...userOf(user), reasons } });
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
    send({ id, value: (await calls[call](...args)) ?? null });
  } catch (error) {
    send({
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
  send({ event: 'unhandledRejection', value: String(error) }),
);
