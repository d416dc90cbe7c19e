import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import type { Position } from '#event-store';
import type { Page, PageCursor, PageRequest } from '#read-model';
import { ApiPropertyOptional } from '../../openapi/decorators.ts';
import { toNumber } from './parameters.ts';
import { invalidParameter } from '#twilio-wire/twilio-error';

/** Most rows of a page. */
const LARGEST_PAGE = 100;

/** Page parameters of every list. The opaque `PageToken` says where a page begins; `Page` is only echoed. */
export class PageQuery {
  /** A larger number means the largest page: Twilio's helpers send their `limit` as a page size. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LARGEST_PAGE, default: 50 })
  @IsOptional()
  @Transform((parameter) => atMost(LARGEST_PAGE, toNumber(parameter)))
  @IsInt()
  @Min(1)
  readonly PageSize: number = 50;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    default: 0,
    description: 'Echoed in `meta`.',
  })
  @IsOptional()
  @Transform(toNumber)
  @IsInt()
  @Min(0)
  readonly Page: number = 0;

  @ApiPropertyOptional({ type: String, description: 'Taken from a link of another page.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  readonly PageToken?: string;
}

const SMALL_PAGE = 50;

/** Page parameters of a list whose pages have at most 50 rows, as with Twilio. */
export class SmallPageQuery extends PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: SMALL_PAGE, default: SMALL_PAGE })
  @Transform(({ value }: { value: unknown }) => atMost(SMALL_PAGE, value))
  override readonly PageSize: number = SMALL_PAGE;
}

/** @throws TwilioError where the token is not one of this service */
export function toPageRequest({ PageSize, PageToken }: PageQuery): PageRequest {
  return { size: PageSize, cursor: decodeToken(PageToken) };
}

/** A list, and how to show a page of it. */
interface ListJson<Row> {
  /** Property of the answer that holds the rows. */
  readonly key: string;
  /** Absolute URL of the list, without a query. */
  readonly url: string;
  readonly query: PageQuery;
  readonly positionOf: (row: Row) => Position;
  readonly toJson: (row: Row) => object;
  /** Parameters that every link keeps. */
  readonly filters?: readonly (readonly [string, string])[];
}

/** A page, and the cursors of the pages around it where they are not the positions of its first and last row. */
export interface EdgedPage<Row> extends Page<Row> {
  readonly edges?: { readonly first: Position; readonly last: Position } | null;
}

/** A page as Twilio answers it: its description as `meta`, and its rows. */
export function pageJson<Row>(page: EdgedPage<Row>, list: ListJson<Row>): object {
  const { key, toJson } = list;
  return { meta: pageMeta(page, list), [key]: page.rows.map(toJson) };
}

/**
 * A page of a list that is always empty, as Twilio answers it.
 *
 * @throws TwilioError where the page token is not one of this service
 */
export function emptyPageJson(
  list: Pick<ListJson<never>, 'key' | 'url' | 'query' | 'filters'>,
): object {
  toPageRequest(list.query);
  const page = { rows: [], hasPrevious: false, hasNext: false };
  return pageJson<never>(page, { ...list, positionOf: String, toJson: Object });
}

function pageMeta<Row>(
  page: EdgedPage<Row>,
  { key, url, query, positionOf, filters = [] }: ListJson<Row>,
): object {
  const { PageSize, Page: number, PageToken } = query;
  const link = (pageNumber: number, token?: string): string => {
    const parameters = new URLSearchParams();
    for (const [name, value] of filters) parameters.append(name, value);
    parameters.append('PageSize', String(PageSize));
    parameters.append('Page', String(pageNumber));
    if (token !== undefined) parameters.append('PageToken', token);
    return `${url}?${parameters.toString()}`;
  };
  const { first, last } = page.edges ?? edgesOf(page.rows.map(positionOf));
  const previous = page.hasPrevious && first !== undefined;
  const next = page.hasNext && last !== undefined;
  return {
    page: number,
    page_size: PageSize,
    first_page_url: link(0),
    previous_page_url: previous
      ? link(Math.max(number - 1, 0), encodeToken('before', first))
      : null,
    url: link(number, PageToken),
    next_page_url: next ? link(number + 1, encodeToken('after', last)) : null,
    key,
  };
}

function edgesOf(positions: readonly Position[]): {
  readonly first: Position | undefined;
  readonly last: Position | undefined;
} {
  return { first: positions[0], last: positions.at(-1) };
}

/** A number, but `most` at most; any other value as it is. */
function atMost(most: number, value: unknown): unknown {
  return typeof value === 'number' ? Math.min(value, most) : value;
}

function encodeToken(side: 'after' | 'before', position: Position): string {
  return `P${side === 'after' ? 'A' : 'B'}${Buffer.from(position).toString('base64url')}`;
}

function decodeToken(token: string | undefined): PageCursor {
  if (token === undefined) return { after: null };
  const position = Buffer.from(token.slice(2), 'base64url').toString();
  if (!/^P[AB]/.test(token) || !/^\d{1,60}$/.test(position)) {
    throw invalidParameter('PageToken is not one that this service handed out');
  }
  return token.startsWith('PA') ? { after: position } : { before: position };
}
