import { InvalidArgumentError, Option, type Command } from 'commander';
import { API_KEY_MAX_SERVICES, API_KEY_SCOPES, isApiKeyScope, type ApiKeyScope } from '#domain';
import { createApiKey, OWNER } from '#shared/use-cases/api-keys';
import { friendlyName, instant, serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { existingService } from '../services/print-service.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext } from '../stores/cli-context.ts';
import { apiKeyStores } from './api-key-stores.ts';
import { printIssuedKey } from './print-key.ts';

interface CreateOptions {
  readonly scope: readonly ApiKeyScope[];
  readonly service?: readonly string[];
  readonly expiresAt?: string;
}

/** `keys create NAME`: a new API key, whose secret is printed once. */
export function addCreateKey(group: Command, host: CommandHost): void {
  group
    .command('create')
    .description('create an API key, and print its secret once')
    .argument('<name>', 'its friendly name', friendlyName)
    .addOption(
      new Option('--scope <scope>', `${API_KEY_SCOPES.join(', ')}; repeat it for several`)
        .argParser(scopes)
        .makeOptionMandatory(),
    )
    .option(
      '--service <sid>',
      'a Service that the key is limited to; repeat it for several; all by default',
      services,
    )
    .option('--expires-at <time>', 'ISO 8601 time with its zone; never by default', instant)
    .addHelpText(
      'after',
      `
admin sends every request, read only those that change nothing, and sign signs access tokens.

Example:
  $ reachability keys create "chat back end" --scope read --scope sign \\
      --service IS0123456789abcdef0123456789abcdef --expires-at 2027-01-01T00:00:00Z`,
    )
    .action((name: string, options: CreateOptions, command: Command) =>
      host.run(command, async ({ io, settings, stores }) => {
        const now = new Date();
        const expiresAt = options.expiresAt ?? null;
        if (expiresAt !== null && Date.parse(expiresAt) <= now.getTime()) {
          throw usageError('--expires-at must be in the future');
        }
        await catchUp(io, stores);
        for (const sid of options.service ?? []) await existingService(stores, sid);
        const issued = await createApiKey(apiKeyStores(settings, stores), {
          friendlyName: name,
          scopes: options.scope,
          services: options.service ?? null,
          expiresAt,
          issuer: OWNER,
          now,
          context: cliContext(),
        });
        await printIssuedKey(io, settings, stores, issued);
      }),
    );
}

/** Parses a scope; returns it after those given before. @throws InvalidArgumentError */
function scopes(value: string, before: readonly ApiKeyScope[] = []): readonly ApiKeyScope[] {
  if (isApiKeyScope(value)) return [...before, value];
  throw new InvalidArgumentError(`Must be one of ${API_KEY_SCOPES.join(', ')}.`);
}

/** Parses a Service sid; returns it after those given before. @throws InvalidArgumentError */
function services(value: string, before: readonly string[] = []): readonly string[] {
  if (before.length < API_KEY_MAX_SERVICES) return [...before, serviceSid(value)];
  throw new InvalidArgumentError(`Must be at most ${API_KEY_MAX_SERVICES} Services.`);
}
