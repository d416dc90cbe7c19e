import { FRIENDLY_NAME_MAX_LENGTH } from '#domain';
import { Text } from '../../platform/http/parameters.ts';

export class CreateServiceDto {
  @Text(FRIENDLY_NAME_MAX_LENGTH)
  readonly FriendlyName!: string;
}
