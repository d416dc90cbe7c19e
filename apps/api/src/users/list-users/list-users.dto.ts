import { OptionalFlag } from '../../http/parameters.ts';
import { PageQuery } from '../../http/paging.ts';

export class ListUsersDto extends PageQuery {
  /** Real values instead of Twilio's nulls in a list. */
  @OptionalFlag()
  readonly Reachability: boolean = false;
}
