/** A User has as many Connections as it may. */
export class TooManyConnectionsError extends Error {
  override readonly name = 'TooManyConnectionsError';

  constructor() {
    super('Too many connections of this User');
  }
}
