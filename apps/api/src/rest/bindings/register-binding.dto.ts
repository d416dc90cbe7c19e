import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsNotEmpty } from 'class-validator';
import { BINDING_TYPES, type BindingType } from '#domain';
import { OptionalText, Text } from '../../platform/http/parameters.ts';

const LONGEST_ADDRESS = 4_096;
const LONGEST_ENDPOINT = 256;

export class RegisterBindingDto {
  @ApiProperty({ enum: BINDING_TYPES })
  @IsIn(BINDING_TYPES)
  readonly BindingType!: BindingType;

  @Text(LONGEST_ADDRESS, 'What the push service knows the device by: its token or registration id.')
  readonly Address!: string;

  @IsNotEmpty()
  @OptionalText(LONGEST_ENDPOINT, 'A name for the device; by default one is made.')
  readonly Endpoint?: string;
}
