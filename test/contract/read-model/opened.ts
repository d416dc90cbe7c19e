import type { ReadModel } from '#read-model';

/** A read model that is empty at first. */
export interface OpenedReadModel {
  readonly readModel: ReadModel;
  close(): Promise<void>;
}

export type OpenReadModel = () => Promise<OpenedReadModel>;
