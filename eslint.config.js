import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'data/', '**/*.cjs', 'eslint.config.js', 'jest.config.js'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_$', argsIgnorePattern: '^_$' },
      ],
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['warn', { max: 200, skipBlankLines: true, skipComments: true }],
      // Nest and Fastify type their plain options objects as classes.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['test/**', '**/*.spec.ts'],
    rules: { 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['apps/cli/**', 'test/bench/**', 'scripts/**', 'examples/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // Node also runs these from source, by erasing their types. Only classes that Nest makes, which are elsewhere in
    // apps/api, use parameter properties.
    files: [
      '{libs,scripts}/**/*.ts',
      'apps/{shared,cli}/**/*.ts',
      'apps/api/src/background/{projection-worker,start-projection-thread,supervised-thread}.ts',
      'apps/api/src/webhooks/enqueue/**/*.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'TSParameterProperty', message: 'Node cannot erase parameter properties.' },
        { selector: 'TSEnumDeclaration', message: 'Node cannot erase enums.' },
        {
          selector: 'TSModuleDeclaration:not([declare=true])',
          message: 'Node cannot erase namespaces.',
        },
      ],
    },
  },
  {
    files: ['apps/console/**/*.{ts,tsx}'],
    ...reactHooks.configs.flat.recommended,
    rules: {
      ...reactHooks.configs.flat.recommended.rules,
      // It concerns React Compiler, which is not used here.
      'react-hooks/incompatible-library': 'off',
    },
  },
  { files: ['**/*.{js,mjs}'], ...tseslint.configs.disableTypeChecked },
  prettier,
);
