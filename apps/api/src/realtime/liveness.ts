/** Seconds between two pings of a client that says nothing. */
export const PING_SECONDS = 10;
/** Seconds that a client has to answer a ping. */
export const PONG_SECONDS = 5;
