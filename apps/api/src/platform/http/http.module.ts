import { Global, Module } from '@nestjs/common';
import { PublicUrl } from './public-url.ts';
import { ReadsAfterWrites } from './reads-after-writes.ts';

/** What every controller uses. */
@Global()
@Module({ providers: [PublicUrl, ReadsAfterWrites], exports: [PublicUrl, ReadsAfterWrites] })
export class HttpModule {}
