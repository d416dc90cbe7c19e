import { TokenError as InvalidToken } from 'fast-jwt';

/** Twilio's code and message for each reason to refuse an access token. */
const TOKEN_ERRORS = {
  invalid: [20101, 'Invalid Access Token'],
  revoked: [20101, 'Access Token was revoked'],
  header: [20102, 'Invalid Access Token header'],
  issuer: [20103, 'Invalid Access Token issuer or subject'],
  expired: [20104, 'Access Token expired or expiration date invalid'],
  notYetValid: [20105, 'Access Token not yet valid'],
  grants: [20106, 'Invalid Access Token grants'],
  signature: [20107, 'Invalid Access Token signature'],
  lifetime: [20157, 'Expiration Time in the Access Token Exceeds Maximum Time Allowed'],
} as const;

export type TokenErrorReason = keyof typeof TOKEN_ERRORS;

/** An access token is refused. The message never contains a part of the token. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: number;

  constructor(reason: TokenErrorReason) {
    const [code, message] = TOKEN_ERRORS[reason];
    super(message);
    this.code = code;
  }
}

/** Errors of `fast-jwt` by their code; every other one is an invalid token. */
const REASONS: Readonly<Record<string, TokenErrorReason>> = {
  FAST_JWT_INVALID_ALGORITHM: 'header',
  FAST_JWT_INVALID_CRIT_HEADER: 'header',
  FAST_JWT_INVALID_SIGNATURE: 'signature',
  FAST_JWT_MISSING_SIGNATURE: 'signature',
};

/** Returns the refusal for an error of `fast-jwt`; any other error as it is. */
export function toTokenError(error: unknown): unknown {
  if (!(error instanceof InvalidToken)) return error;
  // Which part cannot be decoded, only the message says.
  if (error.message.startsWith('The token header')) return new TokenError('header');
  return new TokenError(REASONS[error.code] ?? 'invalid');
}
