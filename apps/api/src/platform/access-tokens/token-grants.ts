import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/schema';
import {
  assertIdentity,
  DomainError,
  isSid,
  NO_WATCH_GRANT,
  toWatchGrant,
  type WatchGrant,
} from '#domain';
import { TokenError } from './token-error.ts';

const ChatGrant = Type.Object({
  service_sid: Type.String(),
  endpoint_id: Type.Optional(Type.String({ minLength: 1 })),
});

/** Ours, not Twilio's: whom the holder may watch. */
const ReachabilityGrant = Type.Object({
  watch_identities: Type.Optional(Type.Array(Type.String())),
  watch_prefix: Type.Optional(Type.String()),
});

const Grants = Compile(
  Type.Object({
    identity: Type.String(),
    chat: Type.Optional(ChatGrant),
    /** The name of `chat` until 2018, which Twilio's helpers offered as `IpMessagingGrant` up to version 3. */
    ip_messaging: Type.Optional(ChatGrant),
    reachability: Type.Optional(ReachabilityGrant),
  }),
);

/** What a token allows, whichever name its grant of chat has. */
interface TokenGrants {
  readonly identity: string;
  readonly chat: Static<typeof ChatGrant>;
  readonly watchGrant: WatchGrant;
}

/** Returns the grants in the claims of a token. @throws TokenError `grants` */
export function readGrants(grants: unknown): TokenGrants {
  if (!Grants.Check(grants)) throw new TokenError('grants');
  const { identity, chat = grants.ip_messaging, reachability } = grants;
  if (chat === undefined || !isSid('IS', chat.service_sid)) throw new TokenError('grants');
  try {
    assertIdentity(identity);
    return { identity, chat, watchGrant: readWatchGrant(reachability) };
  } catch (error) {
    throw error instanceof DomainError ? new TokenError('grants') : error;
  }
}

/** Returns the claims of a watch grant; none for one that names nobody. */
export function watchGrantClaims({ identities, prefix }: WatchGrant): {
  readonly reachability?: Static<typeof ReachabilityGrant>;
} {
  if (identities.size === 0 && prefix === null) return {};
  return {
    reachability: {
      ...(identities.size === 0 ? {} : { watch_identities: [...identities] }),
      ...(prefix === null ? {} : { watch_prefix: prefix }),
    },
  };
}

function readWatchGrant(claims: Static<typeof ReachabilityGrant> | undefined): WatchGrant {
  if (claims === undefined) return NO_WATCH_GRANT;
  return toWatchGrant(claims.watch_identities ?? [], claims.watch_prefix ?? null);
}
