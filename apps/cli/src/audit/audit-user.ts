import type { Command } from 'commander';
import { resolveUserSid } from '#domain';
import { explainUser, readHistory, type UserExplanation } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { instant, serviceSid } from '../arguments/parsers.ts';
import { usageError, type CliError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { printable } from '../io/text.ts';
import { viewContext } from '../stores/view-context.ts';
import { explanationJson, explanationText, type Explanation } from './explanation-view.ts';
import { serviceHistory } from './service-history.ts';

/** How far the clock of another writer of the log may be ahead of this one, in milliseconds. */
const CLOCK_DIFFERENCE_MS = 60_000;

interface AuditUserOptions {
  readonly service: string;
  readonly asOf?: string;
}

/** `audit user`: the reachability of a User at a point in time, the reason, and the events that led to it. */
export function addAuditUser(group: Command, host: CommandHost): void {
  group
    .command('user')
    .description(
      'explain the reachability of a User at a point in time, with the events that led to it',
    )
    .argument('<user>', 'sid or identity of the User')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .option('--as-of <time>', 'ISO 8601 time with its zone; now by default', instant)
    .addHelpText(
      'after',
      `
Example:
  $ reachability audit user alice --service IS0123456789abcdef0123456789abcdef \\
      --as-of 2026-11-22T14:02:00Z`,
    )
    .action((name: string, { service, asOf }: AuditUserOptions, command: Command) =>
      host.read(command, async ({ io, stores, settings }) => {
        const explanation = await explain(stores, service, name, asOf ?? null);
        const { epoch } = stores.events;
        const context = { ...viewContext(settings), epoch };
        if (io.json) await writeJson(io, explanationJson(explanation, asOf ?? null, context));
        else await writeLine(io, explanationText(explanation, asOf ?? null, epoch));
      }),
    );
}

async function explain(
  { events }: Stores,
  service: string,
  name: string,
  asOf: string | null,
): Promise<Explanation> {
  const now = Date.now();
  if (asOf !== null && Date.parse(asOf) > now + CLOCK_DIFFERENCE_MS) {
    throw usageError('--as-of must not be in the future');
  }
  await serviceHistory(events, service);
  const subject = { serviceSid: service, userSid: resolveUserSid(service, name) };
  // The clocks of writers may be ahead of this one: what they wrote up to now is part of the present.
  const end = asOf === null || Date.parse(asOf) >= now ? null : { time: asOf };
  const explanation = await explainUser(await readHistory(events, subject), subject, end);
  if (explanation.kind !== 'explained') throw noAnswer(explanation, name, service, asOf);
  return explanation;
}

function noAnswer(
  explanation: Exclude<UserExplanation, Explanation>,
  name: string,
  service: string,
  asOf: string | null,
): CliError {
  const user = `User ${printable(name)}`;
  if (explanation.kind === 'deleted') {
    const { event, effectiveAt, recorded } = explanation.by;
    const what = event.type === 'ServiceDeleted' ? `Service ${service} with ${user}` : user;
    return usageError(
      `${what} was deleted at ${effectiveAt} by ${printable(recorded.metadata.actor)}`,
    );
  }
  return explanation.createdAt === null
    ? usageError(`There is no ${user} in Service ${service}`)
    : usageError(
        `${user} did not exist at ${asOf ?? 'that time'}: it was created at ${explanation.createdAt}`,
      );
}
