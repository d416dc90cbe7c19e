import { OptionalCount } from '../../platform/http/parameters.ts';

export class UpdateServiceReachabilityDto {
  @OptionalCount(0, 60, 'Seconds that an abruptly closed session may take to resume.')
  readonly GraceSeconds?: number;
}
