import type { ServiceRow } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import { serviceJson } from '#twilio-wire/service-json';
import { usageError } from '../cli-error.ts';
import { writeJson, writeLine, type CommandIo } from '../io/command-io.ts';
import { viewContext } from '../stores/view-context.ts';

/** Returns the Service with a sid. @throws CliError if there is none */
export async function existingService(stores: Stores, serviceSid: string): Promise<ServiceRow> {
  const service = await stores.readModel.users.service(serviceSid);
  if (service === null) throw usageError(`There is no Service ${serviceSid}`);
  return service;
}

/** Prints a Service: as JSON with all properties, else as `line`. */
export async function printService(
  io: CommandIo,
  settings: Settings,
  service: ServiceRow,
  line: string,
): Promise<void> {
  if (io.json) await writeJson(io, serviceJson(service, viewContext(settings)));
  else await writeLine(io, line);
}
