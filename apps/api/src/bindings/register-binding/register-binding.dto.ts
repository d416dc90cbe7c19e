import { IsIn, IsNotEmpty } from 'class-validator';
import type { BindingType } from '#domain';
import { OptionalText, Text } from '../../http/parameters.ts';

export const BINDING_TYPES: readonly BindingType[] = ['apn', 'fcm', 'gcm'];

const LONGEST_ADDRESS = 4_096;
const LONGEST_ENDPOINT = 256;

export class RegisterBindingDto {
  @IsIn(BINDING_TYPES)
  readonly BindingType!: BindingType;

  /** What the push service knows the device by: a device token or registration id. */
  @Text(LONGEST_ADDRESS)
  readonly Address!: string;

  /** The client's own name for the device; by default one is made from User and Address. */
  @IsNotEmpty()
  @OptionalText(LONGEST_ENDPOINT)
  readonly Endpoint?: string;
}
