/**
 * Drives one of Twilio's client SDKs for a test, in Node.js and in a browser, in the same form for all of them.
 *
 * @param Client the SDK's class
 * @param token access token
 * @param options the application's options
 * @param send takes `{ event, value }` for each event of the client, and an answer to each call: `{ id, value }` or
 *   `{ id, error }`
 * @returns a function that takes a call, `{ id, call, args }`
 */
export function driveSdk({ Client, token, options, send }) {
  const client = startClient(Client, token, { logLevel: 'silent', ...options });
  client.ready.catch(() => undefined);
  void client.created.then((created) => forwardEvents(created, send));
  const calls = callsOf(client);
  return async ({ id, call, args }) => {
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
  };
}

const EVENTS = ['connectionStateChanged', 'stateChanged', 'tokenAboutToExpire', 'tokenExpired'];
const REASONS = { reachabilityOnline: 'online', reachabilityNotifiable: 'notifiable' };

/**
 * Starts a client. `created` is the client, `ready` settles when it is initialized. Before `twilio-chat` 6 and
 * `@twilio/conversations` 2, an application has no client before that.
 */
function startClient(Client, token, options) {
  if (!('stateChanged' in Client)) {
    const created = Client.create(token, options);
    return { created, ready: created };
  }
  const client = new Client(token, options);
  const ready = new Promise((resolve, reject) => {
    client.on('stateChanged', (state) =>
      state === 'initialized' ? resolve(client) : reject(new Error(state)),
    );
  });
  return { created: Promise.resolve(client), ready };
}

function forwardEvents(client, send) {
  for (const event of EVENTS) client.on(event, (value) => send({ event, value }));
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
}

function userOf(user) {
  const { identity, friendlyName, attributes } = user;
  const [online, notifiable] =
    'isOnline' in user ? [user.isOnline, user.isNotifiable] : [user.online, user.notifiable];
  return { identity, friendlyName, attributes, online, notifiable };
}

/** What a test can call, for a client from {@link startClient}. Users are returned in the form of {@link userOf}. */
function callsOf({ created, ready }) {
  const subscribed = async (identity) => {
    const users = await (await created).getSubscribedUsers();
    return users.find((user) => user.identity === identity);
  };
  const forward =
    (name) =>
    async (...args) =>
      (await created)[name](...args);
  const change = (name) => async (value) => void (await (await created).user[name](value));
  return {
    initialized: async () => void (await ready),
    reachabilityEnabled: async () => (await created).reachabilityEnabled,
    connectionState: async () => (await created).connectionState,
    getUser: async (identity) => userOf(await (await created).getUser(identity)),
    getUserDescriptor: async (identity) => {
      const descriptor = await (await created).getUserDescriptor(identity);
      const { online, notifiable, friendlyName } = descriptor;
      return { identity, online, notifiable, friendlyName };
    },
    getSubscribedUsers: async () => (await (await created).getSubscribedUsers()).map(userOf),
    unsubscribe: async (identity) => (await subscribed(identity)).unsubscribe(),
    updateFriendlyName: change('updateFriendlyName'),
    updateAttributes: change('updateAttributes'),
    updateToken: async (token) => void (await (await created).updateToken(token)),
    setPushRegistrationId: forward('setPushRegistrationId'),
    unsetPushRegistrationId: forward('unsetPushRegistrationId'),
    removePushRegistrations: forward('removePushRegistrations'),
    shutdown: forward('shutdown'),
  };
}
