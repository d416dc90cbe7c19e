import type { ServiceRow } from '#read-model';

type Notification = ServiceRow['settings']['notifications']['newMessage'];

/** Returns the push settings of one kind of event. Settings that were never set are omitted, as in Twilio's JSON. */
export function notificationJson({ enabled, template, sound, badgeCountEnabled }: Notification) {
  return {
    enabled,
    ...(template === undefined ? {} : { template }),
    ...(sound === undefined ? {} : { sound }),
    ...(badgeCountEnabled === undefined ? {} : { badge_count_enabled: badgeCountEnabled }),
  };
}
