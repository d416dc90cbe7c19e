export * from './ttl-store.ts';
