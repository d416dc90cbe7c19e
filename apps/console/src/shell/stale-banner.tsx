import { useSyncExternalStore } from 'react';
import { useApi } from '../session/session.tsx';
import { Ago } from '../ui/time.tsx';

/** Says that the pages show an older state, while the read model does not follow the log. */
export function StaleBanner() {
  const { readModel } = useApi();
  const staleness = useSyncExternalStore(readModel.subscribe, () => readModel.staleness);
  return (
    <div role="status">
      {staleness !== null && (
        <p className="banner">
          These pages may be out of date: the read model is behind the event log
          {staleness.since === null ? (
            '.'
          ) : (
            <>
              {' since '}
              <Ago iso={staleness.since} />.
            </>
          )}
        </p>
      )}
    </div>
  );
}
