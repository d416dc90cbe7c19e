import { Module } from '@nestjs/common';
import { RealtimeModule } from '../realtime.module.ts';
import { Continuations } from './continuations.ts';
import { TwilsockHandshake } from './twilsock-handshake.ts';
import { SdkAdmission } from './sdk-admission.ts';
import { EventIds } from './subscriptions/event-ids.ts';
import { ProfileFeed } from './subscriptions/profile-feed.ts';
import { Profiles } from './subscriptions/profiles.ts';
import { SyncNotifications } from './subscriptions/sync-notifications.ts';
import { ConfigurationResource } from './tunnel/configuration.resource.ts';
import { MapsResource } from './tunnel/maps.resource.ts';
import { RegistrationsResource } from './tunnel/registrations.resource.ts';
import { OwnProfile } from './tunnel/own-profile.ts';
import { SessionResource } from './tunnel/session.resource.ts';
import { SubscriptionsResource } from './tunnel/subscriptions.resource.ts';
import { Tunnel } from './tunnel/tunnel.ts';
import { UsersResource } from './tunnel/users.resource.ts';
import { TwilsockContext } from './twilsock-context.ts';
import { TwilsockGateway } from './twilsock-gateway.ts';
import { TwilsockRequests } from './twilsock-requests.ts';

/** The protocol of Twilio's chat SDKs, on the same sessions and change publisher as `/stream`. */
@Module({
  imports: [RealtimeModule],
  providers: [
    TwilsockGateway,
    TwilsockContext,
    Continuations,
    TwilsockHandshake,
    SdkAdmission,
    TwilsockRequests,
    EventIds,
    ProfileFeed,
    Profiles,
    SyncNotifications,
    Tunnel,
    ConfigurationResource,
    MapsResource,
    UsersResource,
    RegistrationsResource,
    SubscriptionsResource,
    SessionResource,
    OwnProfile,
  ],
})
export class TwilsockModule {}
