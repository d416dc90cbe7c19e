/** What an answer in Twilio's shape says of the service that gives it. */
export interface ViewContext {
  /** Null only where nobody has made credentials yet. */
  readonly accountSid: string | null;
  /** Scheme, host and port of every link, without a slash at the end. */
  readonly origin: string;
}

/** Absolute URL of a path under the current API version; segments are percent-encoded. */
export function apiUrl(origin: string, ...segments: readonly string[]): string {
  return `${origin}/v2/${segments.map(encodeURIComponent).join('/')}`;
}
