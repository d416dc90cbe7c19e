import { useLive, useLiveState } from '../../live/live-context.tsx';

/** Says whether changes are shown as they happen. */
export function LiveMark() {
  const { isLive } = useLiveState(useLive());
  return (
    <span
      className={isLive ? 'live live-on' : 'live'}
      role="status"
      title={
        isLive
          ? 'Changes are shown as they happen.'
          : 'The change feed is not connected; states are asked for every few seconds.'
      }
    >
      {isLive ? 'Live' : 'Polling'}
    </span>
  );
}
