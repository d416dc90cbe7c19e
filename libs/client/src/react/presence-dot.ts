import { createElement, type ComponentPropsWithoutRef, type ReactElement } from 'react';
import { useUser } from './hooks.ts';
import { presenceWord, type PresenceWord } from './user-presence.ts';

export interface PresenceDotProps extends Omit<ComponentPropsWithoutRef<'span'>, 'children'> {
  /** Identity or sid of the User; null or undefined while the application does not know it. */
  readonly user: string | null | undefined;
  /** Words for people who do not see the dot, in the language of the page. English by default. */
  readonly labels?: Readonly<Record<PresenceWord, string>>;
}

const ENGLISH: Readonly<Record<PresenceWord, string>> = {
  online: 'online',
  offline: 'offline',
  unknown: 'unknown',
};

/**
 * Renders an empty `<span>` that follows a User, and has no style of its own: select on `data-presence` (`online`,
 * `offline`, `unknown`) and `data-notifiable` (`true`, `false`, `null`). Other attributes are passed on.
 */
export function PresenceDot({ user, labels = ENGLISH, ...rest }: PresenceDotProps): ReactElement {
  const { isOnline, isNotifiable } = useUser(user);
  const word = presenceWord(isOnline);
  return createElement('span', {
    role: 'img',
    'aria-label': labels[word],
    ...rest,
    'data-presence': word,
    'data-notifiable': String(isNotifiable),
  });
}
