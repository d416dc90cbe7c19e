import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import type { Position } from '#event-store';
import type { Page, PageCursor, PageRequest } from '#read-model';
import { toNumber } from './parameters.ts';
import { invalidParameter } from '#twilio-wire/twilio-error';

/** Most rows of a page. */
const LARGEST_PAGE = 100;

/** Page parameters of every list. `Page` is only an echo; the place is in the opaque `PageToken`. */
export class PageQuery {
  /** What goes beyond the largest page means the largest: Twilio's helpers send their `limit` as a page size. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LARGEST_PAGE, default: 50 })
  @IsOptional()
  @Transform((parameter) => atMost(LARGEST_PAGE, toNumber(parameter)))
  @IsInt()
  @Min(1)
  readonly PageSize: number = 50;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, default: 0, description: 'Only an echo.' })
  @IsOptional()
  @Transform(toNumber)
  @IsInt()
  @Min(0)
  readonly Page: number = 0;

  @ApiPropertyOptional({ type: String, description: 'From the links of another page.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  readonly PageToken?: string;
}

/** Twilio's description of a page. */
export interface PageMeta {
  readonly page: number;
  readonly page_size: number;
  readonly first_page_url: string;
  readonly previous_page_url: string | null;
  readonly url: string;
  readonly next_page_url: string | null;
  readonly key: string;
}

/** @throws TwilioError when the token is not one of ours */
export function toPageRequest({ PageSize, PageToken }: PageQuery): PageRequest {
  return { size: PageSize, cursor: decodeToken(PageToken) };
}

/**
 * @param listUrl absolute URL of the list, without a query
 * @param filters parameters that every link keeps
 */
export function pageMeta<Row>(
  key: string,
  listUrl: string,
  { PageSize, Page: number, PageToken }: PageQuery,
  page: Page<Row>,
  positionOf: (row: Row) => Position,
  filters: readonly (readonly [string, string])[] = [],
): PageMeta {
  const link = (pageNumber: number, token?: string): string => {
    const query = new URLSearchParams();
    const parameters = [
      ...filters,
      ['PageSize', String(PageSize)] as const,
      ['Page', String(pageNumber)] as const,
      ...(token === undefined ? [] : [['PageToken', token] as const]),
    ];
    for (const [name, value] of parameters) query.append(name, value);
    return `${listUrl}?${query.toString()}`;
  };
  const first = page.rows[0];
  const last = page.rows.at(-1);
  const previous = page.hasPrevious && first !== undefined;
  const next = page.hasNext && last !== undefined;
  return {
    page: number,
    page_size: PageSize,
    first_page_url: link(0),
    previous_page_url: previous
      ? link(Math.max(number - 1, 0), encodeToken('before', positionOf(first)))
      : null,
    url: link(number, PageToken),
    next_page_url: next ? link(number + 1, encodeToken('after', positionOf(last))) : null,
    key,
  };
}

/** Numbers beyond `most` mean `most`. */
export function atMost(most: number, value: unknown): unknown {
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
