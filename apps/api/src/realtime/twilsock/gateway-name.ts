/** Name of the gateway, in metrics and in the log. */
export const GATEWAY = 'twilsock';
