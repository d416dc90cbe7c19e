/** Tests in four tiers, one jest project each: `npm test -- --selectProjects unit`. */
const tier = (displayName, testMatch) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  setupFiles: ['reflect-metadata'],
});

export default {
  projects: [
    tier('unit', ['<rootDir>/{apps,libs}/**/*.spec.ts']),
    tier('contract', ['<rootDir>/test/contract/**/*.spec.ts']),
    tier('e2e', ['<rootDir>/test/e2e/**/*.spec.ts']),
    {
      ...tier('conformance', ['<rootDir>/test/conformance/**/*.spec.ts']),
      globalSetup: '<rootDir>/test/twilio-clients/global-setup.mjs',
    },
  ],
  // Half of the suites wait for programs most of the time.
  maxWorkers: '100%',
  // Ends a test that hangs. On a busy machine the start of a program alone takes some ten seconds.
  testTimeout: 120_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['{apps,libs}/**/src/**/*.ts', '!**/*.spec.ts'],
  coverageReporters: ['text-summary', 'lcovonly'],
};
