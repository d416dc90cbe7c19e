import { plainToInstance, Transform } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsUrl,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  validateSync,
} from 'class-validator';
import { InvalidSettingError } from './invalid-setting-error.ts';
import { IsDatabaseUrl } from './is-database-url.ts';
import { isNetwork } from './network.ts';
import { refuseContradictions } from './refuse-contradictions.ts';
import { Secret, withSecretsFromFiles } from './secrets.ts';

const toNumber = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value,
);

/** Validates an integer from `least` to `most`, both included, after it is converted from text. */
function IsIntegerFrom(min: number, max: number): PropertyDecorator {
  return (target, key) => {
    for (const decorate of [toNumber, IsInt(), Min(min), Max(max)]) decorate(target, key);
  };
}

/** Validates `true` or `false`, after it is converted from text. */
function IsFlag(): PropertyDecorator {
  const toFlag = Transform(({ value }: { value: unknown }) =>
    value === 'true' ? true : value === 'false' ? false : value,
  );
  return (target, key) => {
    toFlag(target, key);
    IsBoolean({ message: '$property must be true or false' })(target, key);
  };
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/**
 * All settings, each named after its environment variable. `.env.example` explains them. A declaration is all that a
 * setting takes: a class field exists in every instance, also if it has no default.
 */
export class Settings {
  @IsIntegerFrom(0, 65_535)
  readonly PORT: number = 3000;

  @IsNotEmpty()
  readonly HOST: string = '127.0.0.1';

  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  readonly PUBLIC_URL?: string;

  @IsOptional()
  @IsIntegerFrom(0, 65_535)
  readonly MANAGEMENT_PORT?: number;

  @IsOptional()
  @IsNotEmpty()
  readonly MANAGEMENT_HOST?: string;

  @IsFlag()
  readonly MANAGEMENT_PUBLIC: boolean = false;

  @IsNotEmpty()
  readonly DATA_DIR: string = './data';

  @IsIn(['sqlite', 'eventstoredb'])
  readonly EVENT_STORE: 'sqlite' | 'eventstoredb' = 'sqlite';

  @Secret()
  @ValidateIf((settings: Settings) => settings.EVENT_STORE === 'eventstoredb')
  @Matches(/^(esdb|kurrentdb)(\+discover)?:\/\/\S+$/, {
    message: '$property must be a connection string such as esdb://host:2113?tls=false',
  })
  readonly EVENTSTOREDB_URL?: string;

  @IsIntegerFrom(0, 3_600)
  readonly START_TIMEOUT_SECONDS: number = 60;

  @IsIntegerFrom(1, 86_400)
  readonly CLOCK_LEAD_SECONDS: number = 60;

  @IsFlag()
  readonly READY_WITHOUT_STORE: boolean = false;

  @IsIn(['rebuild', 'stop'])
  readonly ON_RESTORED_LOG: 'rebuild' | 'stop' = 'rebuild';

  @Secret()
  @IsOptional()
  @IsDatabaseUrl()
  readonly DATABASE_URL?: string;

  /** At least 4: maintenance holds up to three at once. */
  @IsIntegerFrom(4, 1_000)
  readonly DATABASE_CONNECTIONS: number = 10;

  @IsIn(['auto', 'off'])
  readonly MIGRATE: 'auto' | 'off' = 'auto';

  @IsOptional()
  @IsIn(['sqlite', 'postgres'])
  readonly READ_MODEL?: 'sqlite' | 'postgres';

  @IsOptional()
  @Matches(/^AC[0-9a-f]{32}$/, { message: '$property must be AC and 32 hex digits' })
  readonly ACCOUNT_SID?: string;

  @Secret()
  @IsOptional()
  @Matches(/^\S{16,}$/, { message: '$property must be at least 16 characters without spaces' })
  readonly AUTH_TOKEN?: string;

  @Secret()
  @IsOptional()
  @Matches(/^SK[0-9a-f]{32}:[^\s,:]{16,}(,SK[0-9a-f]{32}:[^\s,:]{16,})*$/, {
    message: '$property must be SK<32 hex>:<secret of at least 16 characters>, separated by commas',
  })
  readonly API_KEYS?: string;

  @Secret()
  @IsOptional()
  @Matches(/^[0-9a-fA-F]{64}$/, { message: '$property must be 32 bytes in hex: 64 digits' })
  readonly KEY_ENCRYPTION_KEY?: string;

  @Secret()
  @IsOptional()
  @Matches(/^\S{16,}$/, { message: '$property must be at least 16 characters without spaces' })
  readonly WEBHOOK_SECRET?: string;

  @Secret()
  @IsOptional()
  @Matches(/^\S{16,}$/, { message: '$property must be at least 16 characters without spaces' })
  readonly WEBHOOK_SECRET_PREVIOUS?: string;

  @IsIn(['api', 'worker', 'all'])
  readonly ROLE: 'api' | 'worker' | 'all' = 'all';

  @IsOptional()
  @Matches(/^[\w.-]{1,64}$/, {
    message: '$property must be 1 to 64 letters, digits, ".", "_" or "-"',
  })
  readonly NODE_ID?: string;

  /** At most 12: the client that is sent away first must be shown offline within the published bound. */
  @IsIntegerFrom(0, 12)
  readonly DRAIN_SECONDS: number = 10;

  @IsIntegerFrom(0, 10)
  readonly TRUSTED_PROXIES: number = 0;

  @Matches(/^(\*|https?:\/\/[^\s,/*]+(,https?:\/\/[^\s,/*]+)*)$/, {
    message: '$property must be * or origins such as https://app.example.org, separated by commas',
  })
  readonly CORS_ORIGINS: string = '*';

  @IsIntegerFrom(1, 3_600)
  readonly REQUEST_TIMEOUT_SECONDS: number = 30;

  @IsIntegerFrom(1, 8_760)
  readonly IDEMPOTENCY_HOURS: number = 24;

  @IsIntegerFrom(1, 1_000_000)
  readonly AUTHENTICATION_FAILURES_PER_MINUTE: number = 60;

  @IsIntegerFrom(1, 1_000_000)
  readonly AUTHENTICATION_FAILURE_BURST: number = 100;

  @IsIntegerFrom(1, 1_000_000)
  readonly HANDSHAKES_PER_SECOND: number = 2_000;

  @IsIntegerFrom(1, 1_000_000)
  readonly HANDSHAKE_BURST: number = 4_000;

  @IsOptional()
  @IsIntegerFrom(1, 1_000_000)
  readonly HANDSHAKES_PER_ADDRESS_PER_SECOND?: number;

  @IsOptional()
  @IsIntegerFrom(1, 1_000_000)
  readonly HANDSHAKE_BURST_PER_ADDRESS?: number;

  @IsOptional()
  @IsIntegerFrom(1, 1_000_000)
  readonly MAX_SOCKETS?: number;

  @IsIntegerFrom(1, 1_000_000)
  readonly CONNECTIONS_PER_ADDRESS: number = 20_000;

  @IsIntegerFrom(1, 1_000_000)
  readonly CONNECTIONS_PER_USER: number = 100;

  @IsIntegerFrom(1, 1_000_000)
  readonly CONNECTS_PER_USER_PER_SECOND: number = 5;

  @IsIntegerFrom(1, 1_000_000)
  readonly CONNECT_BURST_PER_USER: number = 100;

  @IsIntegerFrom(1, 1_000_000)
  readonly WRITES_PER_USER_PER_SECOND: number = 2;

  @IsIntegerFrom(1, 1_000_000)
  readonly WRITE_BURST_PER_USER: number = 20;

  @IsIntegerFrom(1, 1_000_000)
  readonly LOOKUPS_PER_USER_PER_SECOND: number = 100;

  @IsIntegerFrom(1, 1_000_000)
  readonly LOOKUP_BURST_PER_USER: number = 20_000;

  @IsIntegerFrom(1_024, 16_777_216)
  readonly FRAME_BYTES: number = 65_536;

  @IsIntegerFrom(1, 1_000_000)
  readonly FRAMES_PER_SECOND: number = 100;

  @IsIntegerFrom(1, 1_000_000)
  readonly FRAME_BURST: number = 200;

  @IsIntegerFrom(1, 1_000_000)
  readonly WATCHED_USERS: number = 5_000;

  @IsIntegerFrom(1, 10_000_000)
  readonly WATCHED_USERS_PER_USER: number = 20_000;

  @IsIntegerFrom(1, 100_000)
  readonly CHANGE_FEEDS: number = 1_000;

  @IsIntegerFrom(1, 100_000)
  readonly CHANGE_FEEDS_PER_KEY: number = 100;

  @IsIntegerFrom(1, 300)
  readonly CHANGE_FEED_HEARTBEAT_SECONDS: number = 15;

  @IsOptional()
  @ValidateBy({
    name: 'isNetworks',
    validator: {
      validate: (value) => typeof value === 'string' && value.split(',').every(isNetwork),
      defaultMessage: () => '$property must be networks such as 10.0.0.0/8, separated by commas',
    },
  })
  readonly WEBHOOK_ALLOWED_NETWORKS?: string;

  @IsIn(LOG_LEVELS)
  readonly LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';

  @IsIn(['pretty', 'json'])
  readonly LOG_FORMAT: 'pretty' | 'json' = process.stdout.isTTY ? 'pretty' : 'json';

  @IsIn(['off', 'otlp'])
  readonly TRACING: 'off' | 'otlp' = 'off';

  @IsIn(['production', 'development', 'test'])
  readonly NODE_ENV: 'production' | 'development' | 'test' = 'development';
}

/**
 * Reads the settings from an environment, and secrets also from the files that it names. An empty value counts as unset.
 *
 * @throws InvalidSettingError that names the first invalid setting
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const values = withSecretsFromFiles(environment);
  const given = Object.keys(new Settings())
    .map((name) => [name, values[name]] as const)
    .filter(([, value]) => value !== undefined && value !== '');
  const settings = plainToInstance(Settings, Object.fromEntries(given), {
    exposeDefaultValues: true,
  });
  const [error] = validateSync(settings, { stopAtFirstError: true });
  const message = Object.values(error?.constraints ?? {})[0];
  if (error !== undefined) throw new InvalidSettingError(message ?? `${error.property} is invalid`);
  refuseContradictions(settings);
  return settings;
}
