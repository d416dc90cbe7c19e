import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { bindingSid, DomainError } from '#domain';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { waitUntilVisible } from '#shared/use-cases/written';
import { readParameters } from '../../../platform/http/parameters/read-parameters.ts';
import { RegisterBindingDto } from '../../../rest/bindings/register-binding.dto.ts';
import { RegisterBinding } from '../../../use-cases/bindings/register-binding.ts';
import { RemoveBinding } from '../../../use-cases/bindings/remove-binding.ts';
import { WriteBudget } from '../../sessions/write-budget.ts';
import { commandContext } from '../../sessions/session-command-context.ts';
import { field } from './field.ts';
import type { Resource, Route, TunnelCall } from './route.ts';
import type { TunnelAnswer } from './tunnel-request.ts';

const NO_CONTENT: TunnelAnswer = { status: 204, body: null };

/** Push registrations of the caller's devices. Each is a Binding of its User, and its id is the Binding's sid. */
@Injectable()
export class RegistrationsResource implements Resource {
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
      methods: { DELETE: (call) => this.#remove(call, call.pathParams['id'] ?? '') },
    },
  ];

  constructor(
    private readonly commands: CommandBus,
    private readonly progress: ReadModelProgress,
    private readonly writes: WriteBudget,
  ) {}

  async #register({ request: { body }, caller }: TunnelCall): Promise<TunnelAnswer> {
    const { endpointId, session } = caller;
    const { BindingType, Address } = await readParameters(RegisterBindingDto, {
      BindingType: field(body, 'channel_type'),
      Address: field(body, 'data', 'registration_id'),
    });
    this.writes.charge(session);
    // A device has one address at a time.
    const replacesOthers = endpointId !== null;
    const registered = await this.commands.execute(
      new RegisterBinding({
        user: session.userSid,
        bindingType: BindingType,
        address: Address,
        endpoint: endpointId,
        context: commandContext(session),
        replacesOthers,
      }),
    );
    await waitUntilVisible(this.progress, registered);
    return { status: 201, body: { id: registered.bindingSid } };
  }

  /** Removes a Binding by the address that its push service knows. */
  async #removeAddress(call: TunnelCall): Promise<TunnelAnswer> {
    const { BindingType, Address } = await readParameters(RegisterBindingDto, {
      BindingType: field(call.request.body, 'binding_type'),
      Address: field(call.request.body, 'address'),
    });
    return this.#remove(call, bindingSid(call.caller.session.userSid, BindingType, Address));
  }

  /** Removes a Binding. One that does not exist, or is not the caller's, is a success: SDKs would only retry. */
  async #remove({ caller: { session } }: TunnelCall, sid: string): Promise<TunnelAnswer> {
    this.writes.charge(session);
    try {
      const command = new RemoveBinding({
        user: session.userSid,
        bindingSid: sid,
        context: commandContext(session),
      });
      await waitUntilVisible(this.progress, await this.commands.execute(command));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
    return NO_CONTENT;
  }
}
