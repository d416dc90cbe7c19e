/** Why the service ends a client's socket. Each gateway says so in the words of its own protocol. */
export type EndReason =
  /** It has said nothing, and has not answered a ping in time. */
  | 'fell silent'
  | 'token expired'
  /** Another socket goes on with its Connection. */
  | 'taken over'
  | 'user deleted'
  /** Its Connection was closed over REST, or by a worker. */
  | 'connection closed'
  /** The others have given this node up: the Connection counts as closed, and the client has to open another. */
  | 'node lost';

/**
 * A client as the sessions see it, whatever protocol it speaks: it outlives its socket by the grace period, in
 * which another socket may go on in its place.
 */
export interface Client {
  /** Asks the client, in a way that needs no cooperation of an application, to say something. */
  ping(): void;
  /** Its token expires in so many milliseconds. */
  tokenExpires(inMs: number): void;
  /** Tells it to connect again, after so many milliseconds, and closes its socket. */
  move(reconnectInMs: number): void;
  /** Tells it why and closes its socket, where it has one. */
  end(reason: EndReason): void;
  /** The session is over, with its socket or after the grace: nothing will be asked of the client any more. */
  released(): void;
}
