/** What is known about a User: the word that says so. */
export type Presence = 'online' | 'offline' | 'unknown';

export function presenceOf(isOnline: boolean | null): Presence {
  if (isOnline === null) return 'unknown';
  return isOnline ? 'online' : 'offline';
}

/** A mark for each state, which differs from the others by its shape, and the word beside it. */
export function PresenceMark({ isOnline }: { readonly isOnline: boolean | null }) {
  const presence = presenceOf(isOnline);
  return (
    <span className={`presence presence-${presence}`}>
      <PresenceShape presence={presence} />
      {presence}
    </span>
  );
}

/** A disc for online, a ring for offline, a dashed ring with a question mark for unknown. */
export function PresenceShape({ presence }: { readonly presence: Presence }) {
  return (
    <svg
      className={`shape shape-${presence}`}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      aria-hidden="true"
    >
      {presence === 'online' && <circle cx="6" cy="6" r="5" fill="currentColor" />}
      {presence === 'offline' && (
        <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      )}
      {presence === 'unknown' && (
        <path
          d="M3.6 4.2a2.4 2.4 0 1 1 3.5 2.1c-.7.4-1.1.8-1.1 1.6M6 10.2v.6"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeLinecap="round"
        />
      )}
    </svg>
  );
}

const PUSH = { true: 'push', false: 'no push', null: '' } as const;

/** Whether a push notification reaches a User; a dash where it is not known. */
export function PushMark({ isNotifiable }: { readonly isNotifiable: boolean | null }) {
  if (isNotifiable === null) {
    return (
      <span className="muted" title="Not known">
        –
      </span>
    );
  }
  return (
    <span className={isNotifiable ? 'push push-yes' : 'push push-no'}>
      {isNotifiable && (
        <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
          <path
            d="M6 1.2a3 3 0 0 0-3 3v2L1.8 8.4h8.4L9 6.2v-2a3 3 0 0 0-3-3ZM4.8 9.6a1.2 1.2 0 0 0 2.4 0"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.2"
            strokeLinejoin="round"
          />
        </svg>
      )}
      {PUSH[`${isNotifiable}`]}
    </span>
  );
}
