import {
  bindingSid,
  userAggregate,
  userDecider,
  userSid,
  userStream,
  type BindingType,
  type UserCommand,
  type UserState,
} from '#domain';
import type { History, Sender, Subject } from './history.ts';
import type { SeedService } from './services.ts';

/** A device with which a User connects. */
export interface Device {
  readonly id: string;
  readonly transport: 'stream' | 'twilsock' | 'http';
  /** Null for a browser, which has no push registration. */
  readonly push: BindingType | null;
  /** Address for push services. */
  address: string;
}

export interface SeedUser {
  readonly service: SeedService;
  readonly sid: string;
  readonly identity: string;
  readonly subject: Subject<UserState>;
  readonly devices: readonly [Device, ...Device[]];
  /** Time zone of the User: hours ahead of UTC. */
  readonly utcOffset: number;
  isDeletedForGood: boolean;
}

const FIRST_NAMES = [
  ...['ada', 'alan', 'barbara', 'claude', 'dorothy', 'edsger', 'frances', 'grace', 'hedy', 'ivan'],
  ...['john', 'katherine', 'leslie', 'margaret', 'niklaus', 'olga', 'peter', 'radia', 'søren'],
  ...['tim', 'ursula', 'vint', 'whitfield', '小明', 'yukihiro', 'zoë'],
];
const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'ja'] as const;
const UTC_OFFSETS = [-8, -5, -3, 0, 1, 1, 2, 5, 8, 9] as const;

/** A User, not yet created, in a random Service. The first Service gets about half of the Users. */
export function newUser(
  { random }: History,
  services: readonly [SeedService, ...SeedService[]],
  number: number,
): SeedUser {
  const service = random.chance(0.5) ? services[0] : random.pick(services);
  const name = FIRST_NAMES[random.below(FIRST_NAMES.length)] ?? 'user';
  const identity = random.chance(0.2) ? `${name}${number}@example.com` : `${name}-${number}`;
  const sid = userSid(service.sid, identity);
  const phone: Device = {
    id: `phone-${random.hex(1)}`,
    transport: random.chance(0.4) ? 'twilsock' : 'stream',
    push: random.chance(0.5) ? 'apn' : random.pick(['fcm', 'fcm', 'fcm', 'gcm']),
    address: random.hex(8),
  };
  const transport = random.chance(0.15) ? 'http' : 'stream';
  const browser: Device = { id: `browser-${random.hex(1)}`, transport, push: null, address: '' };
  return {
    service,
    sid,
    identity,
    subject: { stream: userStream(sid), state: userDecider.initialState, revision: -1 },
    devices: random.chance(0.6) ? [phone, browser] : [random.chance(0.6) ? phone : browser],
    utcOffset: random.pick(UTC_OFFSETS),
    isDeletedForGood: false,
  };
}

/** Creates a User over REST, with a profile. */
export function createUser(history: History, user: SeedUser): void {
  const { service, identity } = user;
  const { random } = history;
  const command = {
    type: 'CreateUser',
    serviceSid: service.sid,
    identity,
    friendlyName: random.chance(0.7) ? (identity.split(/[-@\d]/)[0] ?? identity) : null,
    attributes: JSON.stringify({ language: random.pick(LANGUAGES) }),
  } as const;
  sendOverRest(history, user, command);
}

/** Changes the profile of an existing User. */
export function updateProfile(history: History, user: SeedUser): void {
  const { random } = history;
  const changes = random.chance(0.5)
    ? { friendlyName: `${user.identity} ${random.hex(1)}` }
    : { attributes: JSON.stringify({ language: random.pick(LANGUAGES), theme: random.hex(1) }) };
  sendOverRest(history, user, { type: 'UpdateUser', changes });
}

/** Registers a device for push. Now and then its address changes first, which replaces the old registration. */
export function registerForPush(history: History, user: SeedUser, device: Device): void {
  const { random } = history;
  if (device.push === null) return;
  if (random.chance(0.03)) {
    unregisterFromPush(history, user, device);
    device.address = random.hex(8);
  }
  const { push: bindingType, address, id: endpoint } = device;
  const sid = bindingSid(user.sid, bindingType, address);
  sendOverRest(history, user, {
    type: 'RegisterBinding',
    bindingSid: sid,
    bindingType,
    address,
    endpoint,
  });
}

/** Removes the device's push registration, if it has one. */
export function unregisterFromPush(
  history: History,
  user: SeedUser,
  { push, address }: Device,
): void {
  const { state } = user.subject;
  if (push === null || state.status !== 'active') return;
  const sid = bindingSid(user.sid, push, address);
  if (!state.bindings.some((binding) => binding.sid === sid)) return;
  sendOverRest(history, user, { type: 'RemoveBinding', bindingSid: sid });
}

/** Deletes a User. Unless the deletion is for good, the next connect creates the User again. */
export function deleteUser(history: History, user: SeedUser, forGood: boolean): void {
  user.isDeletedForGood = forGood;
  sendOverRest(history, user, { type: 'DeleteUser', at: history.timestamp() });
}

/** Revokes the access tokens of a User, which closes the sockets that they opened. */
export function revokeTokens(history: History, user: SeedUser): void {
  sendOverRest(history, user, { type: 'RevokeTokens', at: history.timestamp() });
}

/** Sends a command; false if the history is full. */
export function send(
  history: History,
  { subject }: SeedUser,
  command: UserCommand,
  sender: Sender,
): boolean {
  return history.execute(userAggregate, subject, command, sender);
}

function sendOverRest(history: History, user: SeedUser, command: UserCommand): void {
  send(history, user, command, { actor: user.service.keyActor });
}
