import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';

const IDENTITIES: readonly (readonly [string, string])[] = [
  ['a slash', 'a/b'],
  ['a slash alone', '/'],
  ['a percent sign', '100%'],
  ['what looks percent-encoded', 'a%2Fb'],
  ['spaces', ' ann smith '],
  ['a plus', 'a+b'],
  ['a hash', '#1'],
  ['a question mark', 'who?me=1&you=2'],
  ['a dot', '.'],
  ['two dots', '..'],
  ['an at sign', 'ann@example.com'],
  ['quotes and a backslash', `"it's" \\ <b>`],
  ['line breaks and a tab', 'a\r\nb\tc'],
  ['an emoji of several code points', '👩‍👩‍👧‍👦🇪🇺'],
  ['right-to-left text', 'שלום مرحبا'],
  ['combining marks, left as they are', 'e\u0301'],
  ['the composed form of the same', 'é'],
  ['a property of every object', 'constructor'],
  ['the prototype', '__proto__'],
  ['another property', 'hasOwnProperty'],
  ['the name of a sub-resource', 'Connections'],
  ['almost a sid', `US${'0'.repeat(31)}`],
  ['512 characters', 'x'.repeat(512)],
  ['512 code points of four bytes each', '𝕏'.repeat(512)],
];

describe('An identity of', () => {
  let program: Program;
  let users: string;

  beforeAll(async () => {
    program = await startProgram();
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Identities' });
    await program.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
    users = `/v2/Services/${sid}/Users`;
  });
  afterAll(() => program.stop());

  it.each(IDENTITIES)('%s goes through bodies and paths unharmed', async (_, identity) => {
    const created = await program.post(users, { Identity: identity });
    expect([created.status, created.body['identity']]).toEqual([201, identity]);
    const path = `${users}/${encodeURIComponent(identity)}`;
    expect((await program.get(path)).body).toEqual(created.body);
    expect((await program.get(`${users}/${created.sid}`)).body).toEqual(created.body);
    const updated = await program.post(path, { FriendlyName: 'F' });
    expect(updated.body).toMatchObject({ identity, friendly_name: 'F' });
    const connection = await program.post(`${path}/Connections`);
    expect(connection.status).toBe(201);
    const reachability = await program.get(`${path}/Reachability`);
    expect(reachability.body).toMatchObject({ identity, is_online: true });
    await program.post(`${path}/Bindings`, { BindingType: 'apn', Address: 'a' });
    const service = users.replace('/Users', '');
    const query = new URLSearchParams({ Identity: identity }).toString();
    const bindings = await program.get(`${service}/Bindings?${query}`);
    expect(bindings.body['bindings']).toMatchObject([{ identity, binding_type: 'apn' }]);
    const again = await program.post(users, undefined, { json: { Identity: identity } });
    expect([again.status, again.body['code']]).toEqual([409, 50201]);
    expect((await program.delete(path)).status).toBe(204);
    const anew = await program.post(users, undefined, { json: { Identity: identity } });
    expect(anew.body).toMatchObject({ sid: created.sid, identity, is_online: null });
  });
});
