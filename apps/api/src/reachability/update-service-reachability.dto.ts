import { OptionalCount } from '../http/parameters.ts';

export class UpdateServiceReachabilityDto {
  /** Seconds that an abruptly closed session may take to resume before it counts as closed. */
  @OptionalCount(0, 60)
  readonly GraceSeconds?: number;
}
