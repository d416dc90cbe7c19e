import { LONGEST_FRIENDLY_NAME } from '#domain';
import { Text } from '../../platform/http/parameters.ts';

export class CreateServiceDto {
  @Text(LONGEST_FRIENDLY_NAME)
  readonly FriendlyName!: string;
}
