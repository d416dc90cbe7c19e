import type { ServiceSettings } from './service-settings.ts';

/** A Service before creation, alive, or deleted (terminal: its sid never comes back). */
export type ServiceState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'active';
      readonly sid: string;
      readonly settings: ServiceSettings;
      readonly reachabilityEnabled: boolean;
    }
  | { readonly status: 'deleted' };
