/** Layers: domain <- event-store <- projections <- read-model <- apps. `npm run lint` checks them. */
const libs = ['domain', 'event-store', 'projections', 'read-model'];
const above = (name) => libs.slice(libs.indexOf(name) + 1).join('|');

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    ...libs.slice(0, -1).map((name) => ({
      name: `${name}-is-below`,
      severity: 'error',
      from: { path: `^libs/${name}/` },
      to: { path: `^libs/(${above(name)}|operational-state|client)/|^apps/` },
    })),
    {
      name: 'history-seeder-uses-domain-and-event-store',
      severity: 'error',
      from: { path: '^libs/history-seeder/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(libs|apps)/', pathNot: '^libs/(history-seeder|domain|event-store)/' },
    },
    {
      name: 'only-the-cli-and-tests-seed',
      severity: 'error',
      from: { pathNot: '^libs/history-seeder/|^apps/cli/|^test/|\\.spec\\.ts$' },
      to: { path: '^libs/history-seeder/' },
    },
    {
      name: 'client-imports-nothing',
      comment: 'It is a package of its own, for browsers too.',
      severity: 'error',
      from: { path: '^libs/client/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/client/' },
    },
    {
      name: 'libs-know-no-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'libs-know-no-nest',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '@nestjs/' },
    },
    {
      name: 'domain-does-no-io',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|util)$' },
    },
    {
      name: 'db-client-in-one-folder',
      severity: 'error',
      from: { pathNot: '^libs/event-store/src/adapters/eventstoredb/|^test/' },
      to: { path: '@eventstore/db-client|@grpc/grpc-js|protobufjs' },
    },
    {
      name: 'only-composition-imports-adapters',
      severity: 'error',
      from: { pathNot: '/adapters/|^apps/shared/src/composition/|\\.spec\\.ts$|^test/' },
      to: { path: '^libs/[^/]+/src/adapters/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
