import type { Page, PageRequest } from '#read-model';

const PAGE_SIZE = 500;

/** A page, and the cursor of the page after it where that is not the creation of its last row. */
interface ListedPage<Row> extends Page<Row> {
  readonly edges?: { readonly last: string } | null;
}

/** Yields the pages of a paged list that have rows, one in memory at a time. */
export async function* allPages<Row extends { readonly createdPosition: string }>(
  read: (page: PageRequest) => Promise<ListedPage<Row>>,
): AsyncGenerator<readonly Row[]> {
  let after: string | null = null;
  for (;;) {
    const page: ListedPage<Row> = await read({ cursor: { after }, size: PAGE_SIZE });
    if (page.rows.length > 0) yield page.rows;
    const last: string | undefined = page.edges?.last ?? page.rows.at(-1)?.createdPosition;
    if (!page.hasNext || last === undefined) return;
    after = last;
  }
}
