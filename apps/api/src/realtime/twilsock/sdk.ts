import { Type } from 'typebox';
import { Compile } from 'typebox/schema';

/** Whether an SDK works here: tested, known not to work, or neither. */
type SdkSupport = 'yes' | 'no' | 'unknown';

/** An SDK as it introduces itself. Every property has few possible values, whatever a client sends. */
export interface Sdk {
  /** Product and platform, such as `chat js`; either is `other` where it is not known. */
  readonly name: string;
  /** Major version, such as `6`; `other` where it is not a number below 100, `none` where it is missing. */
  readonly version: string;
  readonly support: SdkSupport;
}

const Metadata = Compile(
  Type.Object({
    type: Type.Optional(Type.Unknown()),
    sdk: Type.Optional(Type.Unknown()),
    sdkv: Type.Optional(Type.Unknown()),
  }),
);

const PRODUCTS: ReadonlySet<unknown> = new Set(['chat', 'conversations']);
const PLATFORMS: ReadonlySet<unknown> = new Set(['js', 'android', 'ios']);

/** Major versions by name: those that the conformance suite runs, and those that cannot start a session here. */
const VERSIONS: Readonly<Record<string, { readonly tested: RegExp; readonly broken: RegExp }>> = {
  // Before 3, `twilio-chat` exchanges its access token at a service of Twilio's that has no equivalent here.
  'chat js': { tested: /^[3-6]$/, broken: /^[0-2]$/ },
  'conversations js': { tested: /^[1-3]$/, broken: /^$/ },
};

/** Returns the SDK that the metadata of an `init` message names; metadata of any shape is valid. */
export function readSdk(metadata: unknown): Sdk {
  const { type, sdk, sdkv } = Metadata.Check(metadata) ? metadata : {};
  const name = `${known(PRODUCTS, type)} ${known(PLATFORMS, sdk)}`;
  const version = majorOf(sdkv);
  const { tested, broken } = VERSIONS[name] ?? {};
  const support = broken?.test(version) ? 'no' : tested?.test(version) ? 'yes' : 'unknown';
  return { name, version, support };
}

function known(values: ReadonlySet<unknown>, value: unknown): string {
  const lower = typeof value === 'string' && value.length <= 16 ? value.toLowerCase() : '';
  return values.has(lower) ? lower : 'other';
}

function majorOf(version: unknown): string {
  if (version === undefined) return 'none';
  const major = typeof version === 'string' ? /^(\d{1,2})(?:[.-]|$)/.exec(version)?.[1] : undefined;
  return major === undefined ? 'other' : String(Number(major));
}
