import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { emptyPageJson, type PageQuery } from '../../platform/http/parameters/paging.ts';
import { GetService } from '../../use-cases/services/get-service.ts';
import { GetUser } from '../../use-cases/users/get-user.ts';

/**
 * Lists of Channels over HTTP, in every API version. There are no Channels here, but Services and Users link to these
 * lists, and a back end that walks them finds none.
 */
@Injectable()
export class ChannelsResource {
  constructor(private readonly queries: QueryBus) {}

  /** @param url absolute URL of the list */
  async ofService(serviceSid: string, query: PageQuery, url: string): Promise<object> {
    orNotFound(await this.queries.execute(new GetService(serviceSid)));
    return emptyPageJson({ key: 'channels', url, query });
  }

  /** @param urlOf returns the absolute URL of the list of the User with a sid */
  async ofUser(
    serviceSid: string,
    user: string,
    query: PageQuery,
    urlOf: (userSid: string) => string,
  ): Promise<object> {
    const found = orNotFound(await this.queries.execute(new GetUser(serviceSid, user)));
    return emptyPageJson({ key: 'channels', url: urlOf(found.user.sid), query });
  }
}
