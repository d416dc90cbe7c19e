/** Seconds after its last sign of life at which a client is pinged. */
export const PING_SECONDS = 10;
/** Seconds that a client has to answer a ping. */
export const PONG_SECONDS = 5;
/** Seconds before the end of its token at which a client is told, where the token lasts at least twice as long. */
export const TOKEN_WARNING_SECONDS = 180;
