import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Position } from '#event-store';
import type { ApiKeyRow } from '#read-model';
import { ApiKeySecrets } from '#shared/use-cases/api-key-secrets';
import { RowReader } from '../row-reader.ts';

/** A key, and when it was last used. */
export interface UsedApiKey {
  readonly key: ApiKeyRow;
  /** Milliseconds since the epoch; undefined if it was not used yet. */
  readonly lastUsed: number | undefined;
}

/** One API key that was not revoked, or null. */
export class GetApiKey extends Query<UsedApiKey | null> {
  constructor(
    readonly keySid: string,
    /** Position of a write that the answer must show. */
    readonly position: Position | null = null,
  ) {
    super();
  }
}

@QueryHandler(GetApiKey)
export class GetApiKeyHandler implements IQueryHandler<GetApiKey> {
  constructor(
    private readonly rows: RowReader,
    private readonly secrets: ApiKeySecrets,
  ) {}

  async execute({ keySid, position }: GetApiKey): Promise<UsedApiKey | null> {
    const key = await this.rows.apiKey(keySid, position);
    if (key === null) return null;
    return { key, lastUsed: (await this.secrets.lastUsed([keySid])).get(keySid) };
  }
}
