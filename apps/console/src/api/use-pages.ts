import { useInfiniteQuery, type UseInfiniteQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { BaseIssue, BaseSchema } from 'valibot';
import { useApi } from '../session/session.tsx';
import type { Parameters } from './api.ts';

interface List<T> {
  readonly path: string;
  /** Property of the answer that holds the items. */
  readonly key: string;
  readonly schema: BaseSchema<unknown, T, BaseIssue<unknown>>;
  readonly parameters?: Parameters;
  /** Milliseconds between two reads; without it, the list is read once. */
  readonly refreshMs?: number;
}

export interface LoadedPages<T> {
  /** The items of all pages so far; null while the first page is being loaded. */
  readonly items: readonly T[] | null;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

const FIRST_PAGE: string | null = null;
const NO_PARAMETERS: Parameters = {};

/** Loads a list of the API page by page. */
export function usePages<T>({
  path,
  key,
  schema,
  parameters = NO_PARAMETERS,
  refreshMs,
}: List<T>): LoadedPages<T> {
  const api = useApi();
  const query = useInfiniteQuery({
    queryKey: [path, parameters],
    queryFn: ({ pageParam, signal }) =>
      api.page(path, key, schema, parameters, pageParam, { signal }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: ({ next }) => next,
    // Comparing a hundred thousand rows with those before would take longer than showing them.
    structuralSharing: false,
    refetchInterval: refreshMs ?? false,
  });
  return useLoaded(query);
}

function useLoaded<T>({
  data,
  error,
  hasNextPage,
  isFetchingNextPage,
  fetchNextPage,
  refetch,
}: UseInfiniteQueryResult<{
  readonly pages: readonly { readonly items: readonly T[] }[];
}>): LoadedPages<T> {
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? null, [data]);
  return {
    items,
    error,
    hasMore: hasNextPage,
    isLoadingMore: isFetchingNextPage,
    loadMore: () => void fetchNextPage(),
    reload: () => void refetch(),
  };
}
