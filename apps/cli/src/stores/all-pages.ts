import type { Page, PageRequest } from '#read-model';

const PAGE_SIZE = 500;

/** Yields the pages of a paged list, one in memory at a time. */
export async function* allPages<Row extends { readonly createdPosition: string }>(
  read: (page: PageRequest) => Promise<Page<Row>>,
): AsyncGenerator<readonly Row[]> {
  let after: string | null = null;
  for (;;) {
    const { rows, hasNext }: Page<Row> = await read({ cursor: { after }, size: PAGE_SIZE });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!hasNext || last === undefined) return;
    after = last.createdPosition;
  }
}
