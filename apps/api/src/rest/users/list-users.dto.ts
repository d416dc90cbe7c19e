import { OptionalFlag } from '../../platform/http/parameters.ts';
import { PageQuery } from '../../platform/http/paging.ts';

export class ListUsersDto extends PageQuery {
  @OptionalFlag("Real values instead of Twilio's nulls in a list.")
  readonly Reachability: boolean = false;
}
