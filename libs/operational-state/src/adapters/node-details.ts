import { Type } from 'typebox';
import { Compile } from 'typebox/schema';
import type { NodeDetails } from '../lease-store.ts';

/** Schema of what a node says of itself, as the stores keep it. */
export const nodeDetails = Type.Object({
  role: Type.String(),
  programVersion: Type.String(),
  startedAt: Type.String(),
  connections: Type.Integer({ minimum: 0 }),
});

const validator = Compile(nodeDetails);

/** Returns the details in a JSON text. @throws Error where it holds something else */
export function parseNodeDetails(text: string): NodeDetails {
  return validator.Parse(JSON.parse(text));
}
