import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // The address of the console depends on PUBLIC_URL, so its files name each other relatively.
  base: './',
  publicDir: false,
  logLevel: 'warn',
  clearScreen: false,
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: '../../dist/apps/console',
    emptyOutDir: true,
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    license: { fileName: 'licences.md' },
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Libraries mark their files for servers that render; there is none here.
    rolldownOptions: { checks: { moduleLevelDirective: false, pluginTimings: false } },
  },
});
