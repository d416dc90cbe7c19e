/**
 * Layers: domain <- event-store <- projections <- read-model <- twilio-wire <- apps, and beside the read model
 * projections <- operational-state <- twilio-wire. Adapters of all of them stand on libs/postgres. `npm run lint` checks them.
 */
const libs = ['domain', 'event-store', 'projections', 'read-model'];
const above = (name) => libs.slice(libs.indexOf(name) + 1).join('|');

/** The rooms of apps/api: which room must not import which. */
const room = (name) => `^apps/api/src/${name}/`;
const rooms = [
  { from: 'platform', not: '(rest|use-cases|realtime|cluster|webhooks|background)' },
  { from: 'use-cases', not: '(rest|realtime|platform/http|platform/openapi)' },
  { from: 'rest', not: 'realtime' },
  { from: '(cluster|webhooks|background)', not: '(rest|realtime/(stream|twilsock|sockets))' },
  {
    from: 'change-feed',
    not: '(rest|cluster|webhooks|background|realtime/(sessions|sockets|stream|twilsock))',
  },
  { from: 'realtime', not: 'change-feed' },
  { from: 'realtime/sockets', not: 'realtime/(sessions|watching|stream|twilsock)' },
  { from: 'realtime/watching', not: 'realtime/(sessions|stream|twilsock)' },
  { from: 'realtime/sessions', not: 'realtime/(stream|twilsock)' },
  { from: 'realtime/stream', not: 'realtime/twilsock' },
  { from: 'realtime/twilsock', not: 'realtime/stream' },
];

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
      to: { path: `^libs/(${above(name)}|operational-state|twilio-wire|client)/|^apps/` },
    })),
    {
      name: 'operational-state-is-beside-the-read-model',
      severity: 'error',
      from: { path: '^libs/operational-state/' },
      to: {
        path: '^(libs|apps)/',
        pathNot: '^libs/(operational-state|domain|event-store|projections|postgres)/',
      },
    },
    {
      name: 'twilio-wire-knows-what-it-shows',
      severity: 'error',
      from: { path: '^libs/twilio-wire/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^(libs|apps)/',
        pathNot: '^libs/(twilio-wire|domain|projections|read-model|operational-state)/',
      },
    },
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
      name: 'postgres-knows-no-other-lib',
      severity: 'error',
      from: { path: '^libs/postgres/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(libs|apps)/', pathNot: '^libs/postgres/' },
    },
    {
      name: 'only-postgres-adapters-use-postgres',
      severity: 'error',
      from: { pathNot: '^libs/postgres/|/adapters/postgres/|^apps/shared/src/composition/|^test/' },
      to: { path: '^libs/postgres/', pathNot: '^libs/postgres/src/(errors|connection-url)\\.ts$' },
    },
    {
      name: 'pg-in-one-folder',
      severity: 'error',
      from: { pathNot: '^libs/postgres/' },
      to: { path: '(^|node_modules/)(pg|node-pg-migrate)(/|$)' },
    },
    {
      name: 'client-imports-nothing',
      comment: 'It is a package of its own, for browsers too.',
      severity: 'error',
      from: { path: '^libs/client/src/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/client/|^(node_modules/)?(@types/)?react/' },
    },
    {
      name: 'hooks-alone-import-react',
      severity: 'error',
      from: { path: '^libs/', pathNot: '^libs/client/src/react/' },
      to: { path: '(^|node_modules/)react(-dom)?(/|$)' },
    },
    {
      name: 'console-uses-the-api-only',
      comment: 'It runs in a browser, and can do what any other client of the API can.',
      severity: 'error',
      from: { path: '^apps/console/src/' },
      to: { path: '^(libs|apps)/', pathNot: '^apps/console/|^libs/client/' },
    },
    {
      name: 'console-runs-in-a-browser',
      severity: 'error',
      from: { path: '^apps/console/src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nothing-imports-the-console',
      severity: 'error',
      from: { pathNot: '^apps/console/' },
      to: { path: '^apps/console/' },
    },
    {
      name: 'the-program-runs-without-packages-for-development',
      comment: 'The image leaves them out.',
      severity: 'error',
      from: { path: '^(apps/(api|shared|cli)|libs)/', pathNot: '\\.spec\\.ts$|^libs/client/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
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
    ...rooms.map(({ from, not }) => ({
      name: `${from.replace(/[()]/g, '')}-stays-in-its-room`,
      severity: 'error',
      from: { path: room(from), pathNot: '\\.spec\\.ts$' },
      to: { path: room(not) },
    })),
    {
      name: 'use-cases-are-the-only-way-in',
      comment: 'Everything else sends commands and queries.',
      severity: 'error',
      from: { path: '^apps/api/src/', pathNot: '^apps/api/src/use-cases/|\\.spec\\.ts$' },
      to: { path: '^apps/shared/src/use-cases/aggregates\\.ts$' },
    },
    {
      name: 'use-cases-know-no-http',
      comment: 'Sockets, workers and the CLI call them, too.',
      severity: 'error',
      from: { path: '^apps/(api/src|shared/src)/use-cases/' },
      to: {
        path: '(^|node_modules/)(fastify|ws|@nestjs/platform-fastify)(/|$)|^libs/twilio-wire/',
      },
    },
    {
      name: 'shared-knows-no-nest',
      comment: 'The CLI and the projection thread run it from source.',
      severity: 'error',
      from: { path: '^apps/(shared|cli)/' },
      to: { path: '@nestjs/|^apps/api/' },
    },
    {
      name: 'db-client-in-one-folder',
      severity: 'error',
      from: { pathNot: '^libs/event-store/src/adapters/eventstoredb/client/|^test/' },
      to: { path: '@eventstore/db-client|@grpc/grpc-js|protobufjs' },
    },
    {
      name: 'sdk-of-opentelemetry-is-loaded-lazily',
      comment: 'A process without tracing loads nothing of it. The API is a few kilobytes.',
      severity: 'error',
      from: { pathNot: '^apps/shared/src/tracing/otlp-sdk\\.ts$|\\.spec\\.ts$' },
      to: {
        path: '(^|node_modules/)@opentelemetry/(?!api(/|$))',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-start-tracing-loads-the-sdk',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^apps/shared/src/tracing/start-tracing\\.ts$' },
      to: { path: '^apps/shared/src/tracing/otlp-sdk\\.ts$' },
    },
    {
      name: 'libs-know-no-opentelemetry',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '@opentelemetry/' },
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
