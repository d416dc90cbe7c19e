import { Module } from '@nestjs/common';
import { UsersModule } from '../../use-cases/users/users.module.ts';
import { AccessTokens } from '../../platform/access-tokens/access-tokens.ts';
import { TokensController } from './tokens.controller.ts';

@Module({
  imports: [UsersModule],
  controllers: [TokensController],
  providers: [AccessTokens],
  exports: [AccessTokens],
})
export class TokensModule {}
