import { plainToInstance, Transform } from 'class-transformer';
import {
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
import { isNetwork } from './network.ts';

const number = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value,
);

/** A whole number between two others. */
const whole =
  (least: number, most: number): PropertyDecorator =>
  (target, key) => {
    for (const decorate of [number, IsInt(), Min(least), Max(most)]) decorate(target, key);
  };

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** Every setting, as its environment variable is named. `.env.example` explains each. */
export class Settings {
  @number
  @Min(0)
  @Max(65_535)
  @IsInt()
  readonly PORT: number = 3000;

  @IsNotEmpty()
  readonly HOST: string = '127.0.0.1';

  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  readonly PUBLIC_URL?: string;

  @IsNotEmpty()
  readonly DATA_DIR: string = './data';

  @IsIn(['sqlite', 'eventstoredb'])
  readonly EVENT_STORE: 'sqlite' | 'eventstoredb' = 'sqlite';

  @ValidateIf((settings: Settings) => settings.EVENT_STORE === 'eventstoredb')
  @Matches(/^(esdb|kurrentdb)(\+discover)?:\/\/\S+$/, {
    message: 'EVENTSTOREDB_URL must be a connection string such as esdb://host:2113?tls=false',
  })
  readonly EVENTSTOREDB_URL?: string;

  @IsIn(['sqlite'])
  readonly READ_MODEL = 'sqlite';

  @IsOptional()
  @Matches(/^AC[0-9a-f]{32}$/, { message: 'ACCOUNT_SID must be AC and 32 hex digits' })
  readonly ACCOUNT_SID?: string;

  @IsOptional()
  @Matches(/^\S{16,}$/, { message: 'AUTH_TOKEN must be at least 16 characters without spaces' })
  readonly AUTH_TOKEN?: string;

  @IsOptional()
  @Matches(/^SK[0-9a-f]{32}:[^\s,:]{16,}(,SK[0-9a-f]{32}:[^\s,:]{16,})*$/, {
    message: 'API_KEYS must be SK<32 hex>:<secret of at least 16 characters>, separated by commas',
  })
  readonly API_KEYS?: string;

  @IsIn(['api', 'worker', 'all'])
  readonly ROLE: 'api' | 'worker' | 'all' = 'all';

  @IsOptional()
  @Matches(/^[\w.-]{1,64}$/, {
    message: 'NODE_ID must be 1 to 64 letters, digits, ".", "_" or "-"',
  })
  readonly NODE_ID?: string;

  /** No more than 12: who leaves first and does not come back is to be shown offline within the published bound. */
  @whole(0, 12)
  readonly DRAIN_SECONDS: number = 10;

  @whole(0, 10)
  readonly TRUSTED_PROXIES: number = 0;

  @whole(1, 1_000_000)
  readonly HANDSHAKES_PER_SECOND: number = 2_000;

  @whole(1, 1_000_000)
  readonly HANDSHAKE_BURST: number = 4_000;

  @whole(1, 1_000_000)
  readonly CONNECTIONS_PER_ADDRESS: number = 20_000;

  @whole(1, 1_000_000)
  readonly CONNECTIONS_PER_USER: number = 100;

  @whole(1_024, 16_777_216)
  readonly FRAME_BYTES: number = 65_536;

  @whole(1, 1_000_000)
  readonly FRAMES_PER_SECOND: number = 100;

  @whole(1, 1_000_000)
  readonly FRAME_BURST: number = 200;

  @whole(1, 1_000_000)
  readonly WATCHED_USERS: number = 5_000;

  @IsOptional()
  @ValidateBy({
    name: 'isNetworks',
    validator: {
      validate: (value) => typeof value === 'string' && value.split(',').every(isNetwork),
      defaultMessage: () =>
        'WEBHOOK_ALLOWED_NETWORKS must be networks such as 10.0.0.0/8, separated by commas',
    },
  })
  readonly WEBHOOK_ALLOWED_NETWORKS?: string;

  @IsIn(LOG_LEVELS)
  readonly LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';

  @IsIn(['pretty', 'json'])
  readonly LOG_FORMAT: 'pretty' | 'json' = process.stdout.isTTY ? 'pretty' : 'json';

  @IsIn(['production', 'development', 'test'])
  readonly NODE_ENV: 'production' | 'development' | 'test' = 'development';
}

/**
 * Reads the settings from an environment; an empty value counts as unset.
 *
 * @throws InvalidSettingError naming the first setting that is wrong
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const known = Object.keys(new Settings());
  const optional = ['PUBLIC_URL', 'EVENTSTOREDB_URL', 'ACCOUNT_SID', 'AUTH_TOKEN', 'API_KEYS'];
  const given = [...known, ...optional, 'NODE_ID', 'WEBHOOK_ALLOWED_NETWORKS'].flatMap((name) => {
    const value = environment[name];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  const settings = plainToInstance(Settings, Object.fromEntries(given), {
    exposeDefaultValues: true,
  });
  const [error] = validateSync(settings, { stopAtFirstError: true });
  const message = Object.values(error?.constraints ?? {})[0];
  if (error !== undefined) throw new InvalidSettingError(message ?? `${error.property} is invalid`);
  if ((settings.ACCOUNT_SID === undefined) !== (settings.AUTH_TOKEN === undefined)) {
    throw new InvalidSettingError('ACCOUNT_SID and AUTH_TOKEN must be set together');
  }
  return settings;
}
