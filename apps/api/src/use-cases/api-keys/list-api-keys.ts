import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest, UsersReadModel } from '#read-model';
import { ApiKeySecrets } from '#shared/use-cases/api-key-secrets';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';
import type { UsedApiKey } from './get-api-key.ts';

/** API keys that were not revoked, oldest first. */
export class ListApiKeys extends Query<Page<UsedApiKey>> {
  constructor(readonly page: PageRequest) {
    super();
  }
}

@QueryHandler(ListApiKeys)
export class ListApiKeysHandler implements IQueryHandler<ListApiKeys> {
  constructor(
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
    private readonly secrets: ApiKeySecrets,
  ) {}

  async execute({ page }: ListApiKeys): Promise<Page<UsedApiKey>> {
    const found = await this.readModel.apiKeys(page);
    const lastUsed = await this.secrets.lastUsed(found.rows.map(({ sid }) => sid));
    const rows = found.rows.map((key) => ({ key, lastUsed: lastUsed.get(key.sid) }));
    return { ...found, rows };
  }
}
