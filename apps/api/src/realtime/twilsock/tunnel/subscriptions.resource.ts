import { Injectable } from '@nestjs/common';
import { Type } from 'typebox';
import { Compile } from 'typebox/schema';
import { invalidParameter } from '#twilio-wire/twilio-error';
import type { Resource, Route, TunnelCall } from './route.ts';
import type { TunnelAnswer } from './tunnel-request.ts';

/** Maximum objects in one request: it still fits into a frame. */
const MAX_OBJECTS = 200;

const Body = Compile(
  Type.Object({
    event_protocol_version: Type.Optional(Type.Union([Type.Literal(3), Type.Literal(4)])),
    action: Type.Union([Type.Literal('establish'), Type.Literal('cancel')]),
    correlation_id: Type.Union([Type.Number(), Type.String({ maxLength: 128 })]),
    requests: Type.Array(
      Type.Object({
        object_sid: Type.String({ maxLength: 64 }),
        object_type: Type.Union([Type.Literal('map'), Type.Literal('list')]),
        last_event_id: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
      }),
      { maxItems: MAX_OBJECTS },
    ),
  }),
);

/** Terms of a subscription: notifications are soon, and the subscription never expires. */
const TERMS = { max_batch_size: MAX_OBJECTS, estimated_delivery_in_ms: 5_000, ttl_in_s: -1 };

/** Subscribes the caller to maps and its session list, or unsubscribes it. Notifications tell the outcome for each. */
@Injectable()
export class SubscriptionsResource implements Resource {
  readonly routes: readonly Route[] = [
    { pattern: /^\/v4\/Subscriptions$/, methods: { POST: (call) => this.#subscribe(call) } },
  ];

  async #subscribe({ request: { body }, caller }: TunnelCall): Promise<TunnelAnswer> {
    if (!Body.Check(body))
      throw invalidParameter('Not a request to subscribe to Sync maps and lists');
    const { action, correlation_id: correlationId, requests } = body;
    const isOwn = requests.every(
      ({ object_type: type, object_sid: sid }) => type === 'map' || sid === caller.sessionList.sid,
    );
    if (!isOwn) throw invalidParameter('Clients may subscribe to their own session list only');
    caller.subscriptions.useProtocol(body.event_protocol_version ?? 4);
    const wanted = requests.map(({ object_sid: objectSid, last_event_id: lastEventId }) => ({
      objectSid,
      lastEventId: lastEventId ?? 0,
    }));
    if (action === 'establish') await caller.subscriptions.establish(wanted, correlationId);
    else {
      const objectSids = wanted.map(({ objectSid }) => objectSid);
      caller.subscriptions.cancel(objectSids, correlationId);
    }
    return { status: 200, body: TERMS };
  }
}
