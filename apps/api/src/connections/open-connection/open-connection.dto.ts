import { OptionalCount, OptionalText } from '../../http/parameters.ts';

/** Bounds of a TTL, in seconds. */
export const SHORTEST_TTL = 10;
export const LONGEST_TTL = 86_400;
const LONGEST_DEVICE_ID = 255;

export class OpenConnectionDto {
  /** Seconds after which the Connection counts as ended unless it is renewed. */
  @OptionalCount(SHORTEST_TTL, LONGEST_TTL)
  readonly Ttl: number = 300;

  /** The gateway's own name for the device. */
  @OptionalText(LONGEST_DEVICE_ID)
  readonly DeviceId?: string;
}
