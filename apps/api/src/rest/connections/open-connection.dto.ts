import { OptionalCount, OptionalText } from '../../platform/http/parameters.ts';
import { LONGEST_DEVICE_ID } from '../../use-cases/connections/device-id.ts';

/** Bounds of a TTL, in seconds. */
export const SHORTEST_TTL = 10;
export const LONGEST_TTL = 86_400;

export class OpenConnectionDto {
  @OptionalCount(SHORTEST_TTL, LONGEST_TTL, 'Seconds until it ends unless renewed; 300 by default.')
  readonly Ttl: number = 300;

  @OptionalText(LONGEST_DEVICE_ID, "The gateway's own name for the device.")
  readonly DeviceId?: string;
}
