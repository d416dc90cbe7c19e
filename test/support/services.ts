import type { Program } from './program.ts';

/** Creates a Service with reachability enabled and returns its sid. */
export async function createService(
  program: Pick<Program, 'post'>,
  graceSeconds?: number,
): Promise<string> {
  const { sid } = await program.post('/v2/Services', { FriendlyName: 'Support' });
  await program.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
  if (graceSeconds !== undefined) {
    const settings = { GraceSeconds: String(graceSeconds) };
    await program.post(`/v2/Services/${sid}/Reachability`, settings);
  }
  return sid;
}
