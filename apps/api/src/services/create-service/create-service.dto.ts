import { Text } from '../../http/parameters.ts';

const LONGEST_NAME = 256;

export class CreateServiceDto {
  @Text(LONGEST_NAME)
  readonly FriendlyName!: string;
}
