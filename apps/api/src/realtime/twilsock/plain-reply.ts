const BEFORE_ID = '{"id":"';
const AFTER_ID =
  '","method":"reply","payload_type":"application/json","status":{"code":200,"status":"OK"},"payload_size":0}';
/** As `replies.ts` makes them. */
const ID = /^TM[0-9a-f-]{36}$/;
const ID_BYTES = 38;
const HEADER_BYTES = BEFORE_ID.length + ID_BYTES + AFTER_ID.length;
const START = `TWILSOCK V3.0 ${HEADER_BYTES}\r\n${BEFORE_ID}`;
const END = `${AFTER_ID}\r\n`;
const FRAME_BYTES = START.length + ID_BYTES + END.length;

/**
 * Returns whether a frame is byte for byte the reply that Twilio's SDKs send for every notification. Such a frame needs
 * no parsing. A reply that is written in another way is still a reply, and is parsed.
 */
export function isPlainReply(bytes: Buffer): boolean {
  if (bytes.length !== FRAME_BYTES) return false;
  const text = bytes.toString('latin1');
  return (
    text.startsWith(START) && text.endsWith(END) && ID.test(text.slice(START.length, -END.length))
  );
}
