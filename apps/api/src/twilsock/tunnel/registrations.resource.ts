import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { bindingSid, DomainError, userStream } from '#domain';
import { RegisterBinding } from '../../bindings/register-binding/register-binding.ts';
import { RegisterBindingDto } from '../../bindings/register-binding/register-binding.dto.ts';
import { RemoveBinding } from '../../bindings/remove-binding/remove-binding.ts';
import { readParameters } from '../../http/read-parameters.ts';
import { READ_MODEL_WAIT_MS } from '../../http/written.ts';
import { Aggregates } from '../../infrastructure/aggregates.ts';
import { ReadModelProgress } from '../../infrastructure/read-model-progress.ts';
import { commandContext } from '../../realtime/command-context.ts';
import { field } from './field.ts';
import type { Resource, Route, TunnelCall } from './route.ts';
import type { TunnelAnswer } from './tunnel-request.ts';

const NO_CONTENT: TunnelAnswer = { status: 204, body: null };

/** Push registrations of the caller's devices: each is a Binding of its User, and its id is the Binding's sid. */
@Injectable()
export class RegistrationsResource implements Resource {
  readonly #commands: CommandBus;
  readonly #aggregates: Aggregates;
  readonly #progress: ReadModelProgress;
  readonly routes: readonly Route[] = [
    {
      pattern: /^\/v1\/registrations$/,
      methods: {
        POST: (call) => this.#register(call),
        DELETE: (call) => this.#removeAddress(call),
      },
    },
    {
      pattern: /^\/v1\/registrations\/(?<id>[^/]+)$/,
      methods: { DELETE: (call) => this.#remove(call, call.named['id'] ?? '') },
    },
  ];

  constructor(commands: CommandBus, aggregates: Aggregates, progress: ReadModelProgress) {
    this.#commands = commands;
    this.#aggregates = aggregates;
    this.#progress = progress;
  }

  async #register(call: TunnelCall): Promise<TunnelAnswer> {
    const { body } = call.request;
    const { endpointId, session } = call.caller;
    const { BindingType, Address } = await readParameters(RegisterBindingDto, {
      BindingType: field(body, 'channel_type'),
      Address: field(body, 'data', 'registration_id'),
    });
    const registered = await this.#commands.execute(
      new RegisterBinding(
        session.userSid,
        BindingType,
        Address,
        endpointId,
        commandContext(call.caller.session),
      ),
    );
    if (endpointId !== null) await this.#replaceOthers(call, registered.bindingSid);
    await this.#progress.waitFor(registered.position, READ_MODEL_WAIT_MS);
    return { status: 201, body: { id: registered.bindingSid } };
  }

  /** A device has one address at a time: what it was known by before reaches it no more. */
  async #replaceOthers(call: TunnelCall, newest: string): Promise<void> {
    const { state } = await this.#aggregates.users.load(userStream(call.caller.session.userSid));
    const bindings = state.status === 'active' ? state.bindings : [];
    const { endpoint, bindingType } = bindings.find(({ sid }) => sid === newest) ?? {};
    for (const other of bindings) {
      const isSameDevice = other.endpoint === endpoint && other.bindingType === bindingType;
      if (isSameDevice && other.sid !== newest) await this.#remove(call, other.sid);
    }
  }

  /** Removes a Binding by what a push service knows the device by. */
  async #removeAddress(call: TunnelCall): Promise<TunnelAnswer> {
    const { BindingType, Address } = await readParameters(RegisterBindingDto, {
      BindingType: field(call.request.body, 'binding_type'),
      Address: field(call.request.body, 'address'),
    });
    return this.#remove(call, bindingSid(call.caller.session.userSid, BindingType, Address));
  }

  /** One that is not there, or not the caller's, is as good as removed: SDKs would only ask again. */
  async #remove(call: TunnelCall, sid: string): Promise<TunnelAnswer> {
    const { userSid } = call.caller.session;
    try {
      const command = new RemoveBinding(userSid, sid, commandContext(call.caller.session));
      const { position } = await this.#commands.execute(command);
      await this.#progress.waitFor(position, READ_MODEL_WAIT_MS);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
    return NO_CONTENT;
  }
}
