import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { CountedKeys } from './counted-keys.ts';

/** How many Connections each User has through this process, whatever protocol they speak; by sid of the User. */
@Injectable()
export class UserConnections extends CountedKeys {
  constructor(@Inject(Settings) settings: Pick<Settings, 'CONNECTIONS_PER_USER'>) {
    super(settings.CONNECTIONS_PER_USER);
  }
}
