/** This file is in the folder `assets` of the console, which is below the address of the service. */
const assets = new URL('.', location.origin + new URL(import.meta.url).pathname);

/** Path of the console, without a slash at its end. */
export const CONSOLE_PATH = new URL('..', assets).pathname.replace(/\/$/, '');

/** Address of the service, with a slash at its end: paths of the API are relative to it. */
export const SERVICE_URL = new URL('../..', assets).href;
