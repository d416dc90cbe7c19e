import { OptionalCount } from '../../platform/http/parameters.ts';
import { LONGEST_TTL, SHORTEST_TTL } from './open-connection.dto.ts';

export class RenewConnectionDto {
  @OptionalCount(SHORTEST_TTL, LONGEST_TTL, 'A new TTL in seconds; by default it keeps its own.')
  readonly Ttl?: number;
}
