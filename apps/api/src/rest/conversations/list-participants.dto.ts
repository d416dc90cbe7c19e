import { SmallPageQuery } from '../../platform/http/parameters/paging.ts';
import { OptionalText } from '../../platform/http/parameters/parameters.ts';

const LONGEST_NAME = 2_048;

/** Parameters of a list of the conversations of a participant. */
export class ListParticipantConversationsDto extends SmallPageQuery {
  @OptionalText(LONGEST_NAME)
  readonly Identity?: string;

  @OptionalText(LONGEST_NAME)
  readonly Address?: string;
}
