import {
  deriveSid,
  serviceAggregate,
  serviceDecider,
  serviceStream,
  type ServiceCommand,
  type ServiceState,
} from '#domain';
import type { History, Subject } from './history.ts';
import type { Milestones } from './milestones.ts';

/** A Service and the API key that manages it. */
export interface SeedService {
  readonly sid: string;
  readonly keyActor: string;
  readonly subject: Subject<ServiceState>;
}

const NAMES = ['Support', 'Delivery', 'Dating', 'Clinic', 'Marketplace', 'Classroom', 'Banking'];
const MAX_SERVICES = 12;

/** Number of Services: 2 for few Users, 12 for a hundred thousand. */
function serviceCount(users: number): number {
  if (users < 50) return 2;
  return users < 1_000 ? 3 : Math.min(MAX_SERVICES, 4 + Math.floor(users / 12_500));
}

/** Creates the Services, and schedules when each of them enables and disables reachability. */
export function createServices(
  history: History,
  milestones: Milestones,
  users: number,
): readonly [SeedService, ...SeedService[]] {
  const count = serviceCount(users);
  const [first, ...others] = Array.from({ length: count }, (_, index) =>
    createService(history, index),
  );
  if (first === undefined) throw new RangeError('There is at least one Service');
  send(history, first, { type: 'EnableReachability' });
  scheduleToggle(history, milestones, first, 0.4);
  others.forEach((service, index) => {
    // The last of three or more Services never enables reachability.
    if (index === others.length - 1 && count > 2) return;
    const enabledAt = 0.08 + (0.4 * index) / count;
    milestones.add(enabledAt, () => send(history, service, { type: 'EnableReachability' }));
    scheduleToggle(history, milestones, service, 0.55 + (0.3 * index) / count);
  });
  milestones.add(0.2, () =>
    send(history, first, { type: 'UpdateService', changes: { graceSeconds: 10 } }),
  );
  return [first, ...others];
}

/** Appends a single event. It fills a history up to its exact length when a longer append does not fit. */
export function renameService(history: History, service: SeedService): void {
  const friendlyName = `Renamed ${history.random.hex(1)}`;
  send(history, service, { type: 'UpdateService', changes: { friendlyName } });
}

function createService(history: History, index: number): SeedService {
  const { random } = history;
  const commandId = random.uuid();
  const sid = deriveSid('IS', commandId);
  const service: SeedService = {
    sid,
    keyActor: `key:SK${random.hex(4)}`,
    subject: { stream: serviceStream(sid), state: serviceDecider.initialState, revision: -1 },
  };
  const friendlyName = `${NAMES[index % NAMES.length] ?? ''} ${index + 1}`;
  history.now += random.between(200, 5_000);
  send(history, service, { type: 'CreateService', serviceSid: sid, friendlyName }, commandId);
  return service;
}

/** Schedules a period in which reachability is disabled. */
function scheduleToggle(
  history: History,
  milestones: Milestones,
  service: SeedService,
  share: number,
): void {
  milestones.add(share, () => send(history, service, { type: 'DisableReachability' }));
  milestones.add(share + 0.03, () => send(history, service, { type: 'EnableReachability' }));
}

function send(
  history: History,
  { subject, keyActor }: SeedService,
  command: ServiceCommand,
  commandId = history.random.uuid(),
): void {
  history.execute(serviceAggregate, subject, command, { actor: keyActor, commandId });
}
