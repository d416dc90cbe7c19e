import fc from 'fast-check';
import type { Expected, ReachabilityModel } from './reachability-model.ts';
import { DEVICES, USERS, type World } from './world.ts';

type Command = fc.AsyncCommand<ReachabilityModel, World>;

/**
 * A step of a run.
 *
 * @param anything whether watchers may show any state during the step
 */
function command(
  text: string,
  run: (model: ReachabilityModel, world: World) => Promise<void>,
  anything = false,
): Command {
  return {
    check: () => true,
    run: async (model, world) => {
      const before = new Map<string, Expected | undefined>(
        USERS.map((user) => [user, model.answer(user)]),
      );
      await run(model, world);
      await world.waitForAgreement(model, anything ? null : before);
    },
    toString: () => text,
  };
}

const user = fc.constantFrom(...USERS);
const device = fc.nat({ max: DEVICES - 1 });
const node = fc.nat({ max: 1 });

const connect = fc.tuple(user, device).map(([name, index]) =>
  command(`connect ${name}/${index}`, async (_model, world) => {
    world.device(name, index).connect();
  }),
);

const disconnect = (how: 'clean' | 'abrupt' | 'silent') =>
  fc.tuple(user, device).map(([name, index]) =>
    command(`${name}/${index} leaves (${how})`, async (model, world) => {
      const client = world.device(name, index);
      if (!client.shouldBeConnected) return;
      client.disconnect(how);
      model.disconnect(name, `${name}/${index}`);
    }),
  );

const lose = fc.tuple(user, device).map(([name, index]) =>
  command(`${name}/${index} loses its socket and reconnects`, async (_model, world) => {
    world.device(name, index).dropSocket('abrupt');
  }),
);

const kill = node.map((number) =>
  command(
    `kill node ${number}`,
    async (_model, world) => {
      await world.node(number).kill(0);
    },
    true,
  ),
);

const pause = fc.tuple(node, fc.constantFrom(1_000, 9_000)).map(([number, ms]) =>
  command(
    `pause node ${number} for ${ms} ms`,
    async (_model, world) => {
      await world.node(number).pause(ms);
    },
    ms > 1_000,
  ),
);

const restart = node.map((number) =>
  command(
    `restart node ${number}`,
    async (_model, world) => {
      await world.node(number).restart();
    },
    true,
  ),
);

const enable = fc.tuple(node, fc.boolean()).map(([number, enabled]) =>
  command(`${enabled ? 'enable' : 'disable'} at node ${number}`, async (model, world) => {
    await world.program(number).post(world.path(''), { ReachabilityEnabled: String(enabled) });
    model.switch(enabled);
  }),
);

const bind = fc
  .tuple(node, user, fc.constantFrom('phone', 'tablet'))
  .map(([number, name, address]) =>
    command(`bind ${address} of ${name}`, async (model, world) => {
      if (model.answer(name) === undefined) return;
      const bindings = world.path(`/Users/${name}/Bindings`);
      await world
        .program(number)
        .post(bindings, { BindingType: 'fcm', Address: `${name} ${address}`, Endpoint: address });
      model.bind(name, address);
    }),
  );

const unbind = fc
  .tuple(node, user, fc.constantFrom('phone', 'tablet'))
  .map(([number, name, address]) =>
    command(`unbind ${address} of ${name}`, async (model, world) => {
      if (model.answer(name) === undefined) return;
      const path = world.path(`/Users/${name}/Bindings`);
      const program = world.program(number);
      const bindings = (await program.get(path)).body['bindings'] as {
        sid: string;
        endpoint: string;
      }[];
      const bound = bindings.find((binding) => binding.endpoint === address);
      if (bound !== undefined) await program.delete(`${path}/${bound.sid}`);
      model.unbind(name, address);
    }),
  );

let watchers = 0;
const watch = node.map((number) =>
  command(`watch at node ${number}`, async (_model, world) => {
    await world.addWatcher(`later-${watchers++}`, number);
  }),
);

/** Steps that take milliseconds, and steps that take seconds. */
const quick = [
  connect,
  connect,
  connect,
  disconnect('clean'),
  lose,
  enable,
  enable,
  bind,
  unbind,
  watch,
];
const slow = [disconnect('abrupt'), disconnect('silent'), kill, pause, restart];

/** Steps of one run: many quick and a few slow ones. */
export const commands: fc.Arbitrary<Iterable<Command>> = fc
  .tuple(
    fc.array(fc.oneof(...quick), { minLength: 8, maxLength: 24 }),
    fc.array(fc.tuple(fc.nat(), fc.oneof(...slow)), { minLength: 2, maxLength: 4 }),
  )
  .map(([steps, slowSteps]) => {
    const all = [...steps];
    for (const [index, step] of slowSteps) all.splice(index % (all.length + 1), 0, step);
    return all;
  });
