import { createContext, use } from 'react';
import type { Service } from '../../api/schemas.ts';

export const ServiceContext = createContext<Service | null>(null);

/** Returns the Service that the page belongs to. */
export function useService(): Service {
  const service = use(ServiceContext);
  if (service === null) throw new Error('This page belongs to no Service');
  return service;
}
