import { messageFrame, OPCODE } from '../sockets/message-frame.ts';

/** A text message, ready to be written to any number of sockets. */
export function textFrame(text: string): Buffer {
  return messageFrame(OPCODE.text, Buffer.byteLength(text), (frame, at) => frame.write(text, at));
}
