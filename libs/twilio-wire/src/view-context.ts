/** The account and the address that answers in Twilio's JSON show. */
export interface ViewContext {
  /** Null only where credentials were not generated yet. */
  readonly accountSid: string | null;
  /** Scheme, host and port of every link, without a slash at the end. */
  readonly origin: string;
}

/** Absolute URL of a path under the current API version; segments are percent-encoded. */
export function apiUrl(origin: string, ...segments: readonly string[]): string {
  return `${origin}/v2/${segments.map(encodeURIComponent).join('/')}`;
}

/** Absolute URL of a path under Conversations v1; segments are percent-encoded. */
export function conversationsUrl(origin: string, ...segments: readonly string[]): string {
  return `${origin}/conversations/v1/${segments.map(encodeURIComponent).join('/')}`;
}

/** Absolute URL of a path under chat v1; segments are percent-encoded. */
export function chatV1Url(origin: string, ...segments: readonly string[]): string {
  return `${origin}/v1/${segments.map(encodeURIComponent).join('/')}`;
}
