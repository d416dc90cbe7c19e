import type { ReactNode } from 'react';
import type { LoadedPages } from '../api/use-pages.ts';
import { Button } from './button.tsx';
import { Failure, Loading } from './states.tsx';

/** A list in each of its states: loading, failed, empty, or its items with a button for more of them. */
export function List<T>({
  pages,
  what,
  empty,
  children,
}: {
  readonly pages: LoadedPages<T>;
  /** What is listed, in the plural. */
  readonly what: string;
  readonly empty: ReactNode;
  readonly children: (items: readonly T[]) => ReactNode;
}) {
  const { items, error, hasMore, isLoadingMore, loadMore, reload } = pages;
  if (items === null) {
    return error === null ? <Loading what={what} /> : <Failure error={error} onRetry={reload} />;
  }
  return (
    <>
      {error !== null && (
        <p className="banner" role="alert">
          The {what} could not be read again: {error.message}
        </p>
      )}
      {items.length === 0 && !hasMore ? empty : children(items)}
      {hasMore && (
        <div className="more">
          <Button isBusy={isLoadingMore} onClick={loadMore}>
            Load more {what}
          </Button>
        </div>
      )}
    </>
  );
}
