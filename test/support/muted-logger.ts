import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';

/** Mutes Nest's logger at these levels until mocks are restored. */
export function muteLogger(...levels: readonly ('log' | 'warn' | 'error')[]): void {
  for (const level of levels) {
    jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
  }
}
