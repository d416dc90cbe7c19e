import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/schema';
import type { Frame, FrameHeader } from './frame.ts';
import { readSdk, type Sdk } from './sdk.ts';

/** Longest token, in characters. Twilio's tokens have less than a thousand. */
const MAX_TOKEN_LENGTH = 8_192;
const MAX_PATH_LENGTH = 4_096;

const Token = Type.String({ maxLength: MAX_TOKEN_LENGTH });

const Init = Type.Object({
  token: Token,
  continuation_token: Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Null()])),
  capabilities: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 })),
  metadata: Type.Optional(Type.Unknown()),
});

const Update = Type.Object({ token: Token });

const HttpRequest = Type.Object({
  path: Type.String({ maxLength: MAX_PATH_LENGTH }),
  method: Type.String({ maxLength: 16 }),
  params: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())])),
  ),
  headers: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

const Message = Type.Object({ http_request: HttpRequest });

export type HttpRequest = Static<typeof HttpRequest>;

/** A message of a client, with the fields that are used here. */
export type ClientMessage =
  | {
      readonly method: 'init';
      readonly id: string;
      readonly token: string;
      readonly continuationToken: string | null;
      readonly capabilities: readonly string[];
      readonly sdk: Sdk;
    }
  | { readonly method: 'update'; readonly id: string; readonly token: string }
  | { readonly method: 'message'; readonly id: string; readonly request: HttpRequest }
  /** Selects messages that the client wants. It is accepted and not used: subscriptions alone decide. */
  | { readonly method: 'notification context'; readonly id: string }
  | { readonly method: 'close' }
  /** Replies to notifications, telemetry, and messages of later versions. */
  | { readonly method: 'ignored' };

/** A message to handle, with its frame. */
export interface Incoming {
  readonly frame: Frame;
  readonly message: Exclude<ClientMessage, { method: 'ignored' }>;
}

const validators = {
  init: Compile(Init),
  update: Compile(Update),
  message: Compile(Message),
};

/** Returns the message in a header; null if a known method lacks a field. */
export function readMessage(header: FrameHeader): ClientMessage | null {
  const { method, id } = header;
  switch (method) {
    case 'init': {
      if (!validators.init.Check(header)) return null;
      const { token, continuation_token: continuation, capabilities = [], metadata } = header;
      const continuationToken = continuation ?? null;
      return { method, id, token, continuationToken, capabilities, sdk: readSdk(metadata) };
    }
    case 'update':
      return validators.update.Check(header) ? { method, id, token: header.token } : null;
    case 'message':
      return validators.message.Check(header) ? { method, id, request: header.http_request } : null;
    case 'put_notification_ctx':
    case 'delete_notification_ctx':
      return { method: 'notification context', id };
    case 'close':
      return { method };
    default:
      return { method: 'ignored' };
  }
}
