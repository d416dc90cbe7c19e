import { OptionalCount } from '../../http/parameters.ts';
import { LONGEST_TTL, SHORTEST_TTL } from '../open-connection/open-connection.dto.ts';

export class RenewConnectionDto {
  /** A new TTL from now on, in seconds; left out, the Connection keeps the one it has. */
  @OptionalCount(SHORTEST_TTL, LONGEST_TTL)
  readonly Ttl?: number;
}
