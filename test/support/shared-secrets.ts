/** Settings that processes on several machines need to have in common. */
export function sharedSecrets() {
  return {
    ACCOUNT_SID: `AC${'a'.repeat(32)}`,
    AUTH_TOKEN: 'a-token-for-all-machines',
    API_KEYS: `SK${'b'.repeat(32)}:a-secret-for-all-machines`,
    KEY_ENCRYPTION_KEY: '0f'.repeat(32),
  };
}
