import { resolve } from 'node:path';

/** Bundles the client, without the hooks, into one file for a `<script type="module">`, and prints its sizes. */
export default {
  root: import.meta.dirname,
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2024',
    copyPublicDir: false,
    rolldownOptions: {
      input: resolve(import.meta.dirname, 'src/index.ts'),
      preserveEntrySignatures: 'strict',
      output: { format: 'es', entryFileNames: 'reachability-client.min.js', minify: true },
    },
  },
};
