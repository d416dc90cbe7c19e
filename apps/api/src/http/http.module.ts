import { Global, Module } from '@nestjs/common';
import { PublicUrl } from './public-url.ts';
import { ReadsAfterWrites } from './written.ts';

/** What every controller uses. */
@Global()
@Module({ providers: [PublicUrl, ReadsAfterWrites], exports: [PublicUrl, ReadsAfterWrites] })
export class HttpModule {}
