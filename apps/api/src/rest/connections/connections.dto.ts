import { OptionalCount, OptionalText } from '../../platform/http/parameters/parameters.ts';
import { LONGEST_DEVICE_ID } from '../../use-cases/connections/device-id.ts';

/** Bounds of a TTL, in seconds. */
const SHORTEST_TTL = 10;
const LONGEST_TTL = 86_400;

export class OpenConnectionDto {
  @OptionalCount(
    SHORTEST_TTL,
    LONGEST_TTL,
    'Seconds until the Connection ends unless it is renewed; 300 by default.',
  )
  readonly Ttl: number = 300;

  @OptionalText(LONGEST_DEVICE_ID, 'Name of the device, as the gateway calls it.')
  readonly DeviceId?: string;
}

export class RenewConnectionDto {
  @OptionalCount(SHORTEST_TTL, LONGEST_TTL, 'New TTL in seconds; by default the current one.')
  readonly Ttl?: number;
}
