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

/** What a User connects with. */
export interface Device {
  readonly id: string;
  readonly transport: 'stream' | 'twilsock' | 'http';
  /** Null for a browser, which has no push. */
  readonly push: BindingType | null;
  /** Where push services find it. */
  address: string;
}

export interface SeedUser {
  readonly service: SeedService;
  readonly sid: string;
  readonly identity: string;
  readonly subject: Subject<UserState>;
  readonly devices: readonly [Device, ...Device[]];
  /** Hours that its clock on the wall is ahead of UTC. */
  readonly utcOffset: number;
  /** Deleted for good. */
  gone: boolean;
}

const FIRST_NAMES = [
  ...['ada', 'alan', 'barbara', 'claude', 'dorothy', 'edsger', 'frances', 'grace', 'hedy', 'ivan'],
  ...['john', 'katherine', 'leslie', 'margaret', 'niklaus', 'olga', 'peter', 'radia', 'søren'],
  ...['tim', 'ursula', 'vint', 'whitfield', '小明', 'yukihiro', 'zoë'],
];
const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'ja'] as const;
const UTC_OFFSETS = [-8, -5, -3, 0, 1, 1, 2, 5, 8, 9] as const;

/** A User that is yet to be created, in one of the Services: the first has as many as all others together. */
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
    gone: false,
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

/** Changes the profile of a User that is there. */
export function updateProfile(history: History, user: SeedUser): void {
  const { random } = history;
  const changes = random.chance(0.5)
    ? { friendlyName: `${user.identity} ${random.hex(1)}` }
    : { attributes: JSON.stringify({ language: random.pick(LANGUAGES), theme: random.hex(1) }) };
  sendOverRest(history, user, { type: 'UpdateUser', changes });
}

/** Registers the device for push, unless it is; now and then under a new address, in place of the old one. */
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

/** Takes the device's push registration away, where it has one. */
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

/** Deletes a User, who comes back at the next connect unless it is for good. */
export function deleteUser(history: History, user: SeedUser, forGood: boolean): void {
  user.gone = forGood;
  sendOverRest(history, user, { type: 'DeleteUser', at: history.at() });
}

/** @returns whether it was carried out */
export function send(
  history: History,
  { subject }: SeedUser,
  command: UserCommand,
  sender: Sender,
): boolean {
  return history.carryOut(userAggregate, subject, command, sender);
}

function sendOverRest(history: History, user: SeedUser, command: UserCommand): void {
  send(history, user, command, { actor: user.service.keyActor });
}
