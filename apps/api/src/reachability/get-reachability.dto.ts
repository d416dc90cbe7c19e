import { Equals } from 'class-validator';

export class GetReachabilityDto {
  /** Refused rather than ignored: an answer about the present would be a wrong one. */
  @Equals(undefined, { message: 'AsOf is not supported: only the present can be asked for' })
  readonly AsOf?: unknown;
}
