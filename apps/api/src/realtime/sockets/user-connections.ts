import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { KeyedCounter } from './keyed-counter.ts';

/** How many Connections each User has through this process, whatever protocol they speak; by sid of the User. */
@Injectable()
export class UserConnections extends KeyedCounter {
  constructor(@Inject(Settings) settings: Pick<Settings, 'CONNECTIONS_PER_USER'>) {
    super(settings.CONNECTIONS_PER_USER);
  }
}
