import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { User } from '../../api/schemas.ts';
import type { LoadedPages } from '../../api/use-pages.ts';
import { useLive } from '../../live/live-context.tsx';
import { useQueriedAnswers } from '../../live/use-queried-answers.ts';
import { UserRow } from './user-row.tsx';

const ROW_HEIGHT = 40;
/** Rows beyond the visible ones that are drawn, too. */
const OVERSCAN = 16;
/** Rows before the end of those loaded at which the next page is loaded. */
const LOOK_AHEAD = 60;

/** A table of any length: it draws only the rows that are visible, and loads pages while it is scrolled. */
export function UsersTable({
  service,
  users,
  pages,
}: {
  readonly service: string;
  readonly users: readonly User[];
  readonly pages: LoadedPages<User>;
}) {
  const { answers } = useLive();
  const viewport = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: users.length,
    getScrollElement: () => viewport.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    getItemKey: (index) => users[index]?.sid ?? index,
  });
  const drawn = rows.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  const { hasMore, isLoadingMore, loadMore, error } = pages;
  const needsMore =
    hasMore && !isLoadingMore && error === null && last >= users.length - LOOK_AHEAD;
  useEffect(() => {
    if (needsMore) loadMore();
  }, [needsMore, loadMore]);
  const shown = drawn.flatMap(({ index }) => users[index] ?? []);
  const liveError = useQueriedAnswers(
    service,
    shown.map(({ sid }) => sid),
  );
  const failure = error ?? liveError;
  return (
    <>
      {failure !== null && (
        <p className="banner" role="alert">
          The states are not current: {failure.message}
        </p>
      )}
      <div
        className="grid"
        role="table"
        aria-label="Users"
        aria-rowcount={hasMore ? -1 : users.length + 1}
      >
        <div role="rowgroup">
          <div role="row" className="grid-row grid-head users-grid" aria-rowindex={1}>
            <span role="columnheader">State</span>
            <span role="columnheader">Identity</span>
            <span role="columnheader">Push</span>
            <span role="columnheader">Since</span>
            <span role="columnheader" className="wide-only number">
              Connections
            </span>
            <span role="columnheader" className="wide-only">
              Name
            </span>
          </div>
        </div>
        <div
          ref={viewport}
          className="grid-viewport"
          role="rowgroup"
          tabIndex={0}
          aria-label="Rows"
        >
          <div className="grid-canvas" role="presentation" style={{ height: rows.getTotalSize() }}>
            {drawn.map(({ index, start }) => {
              const user = users[index];
              return (
                user !== undefined && (
                  <UserRow
                    key={user.sid}
                    service={service}
                    user={user}
                    answers={answers}
                    index={index}
                    top={start}
                  />
                )
              );
            })}
          </div>
        </div>
      </div>
      <p className="grid-foot" role="status">
        {users.length.toLocaleString()} Users{hasMore ? ' loaded, more as you scroll' : ''}
      </p>
    </>
  );
}
