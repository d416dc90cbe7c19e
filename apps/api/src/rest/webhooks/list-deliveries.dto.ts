import { IsIn, Matches } from 'class-validator';
import { DELIVERY_STATUSES, type DeliveryStatus } from '#operational-state';
import { ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import { Optional } from '../../platform/http/parameters/parameters.ts';

/** Filters of the delivery log. */
export class ListDeliveriesDto extends PageQuery {
  @ApiPropertyOptional({ enum: DELIVERY_STATUSES })
  @Optional()
  @IsIn(DELIVERY_STATUSES)
  readonly Status?: DeliveryStatus;

  @ApiPropertyOptional({ type: String, pattern: '^US[0-9a-fA-F]{32}$' })
  @Optional()
  @Matches(/^US[0-9a-fA-F]{32}$/)
  readonly UserSid?: string;
}
