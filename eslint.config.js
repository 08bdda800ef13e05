/**
 * Lint rules: typescript-eslint's strictest type-aware set, less what argues with the house style (CONTRIBUTING.md).
 *
 * The set is there for what a person overlooks in a messenger: a promise that nobody waits for, a state that a switch
 * forgot, an `any` that came in through a generated file. Formatting is prettier's; structure is test/house/tidy's.
 */
import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import ts from 'typescript-eslint'

export default defineConfig(
  globalIgnores(['dist/', '.build/', '.tap/', 'coverage/', 'tap-snapshots/', '**/gen/', 'assembly/', 'bench/peers/']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-undef': 'off', // tsc knows better
      // A forgotten state is an error; a default that is written down counts (tsc checks `default: unreachable(x)`).
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // Guards against what a peer or a JavaScript caller does are right although the types say "impossible".
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // A bounds check just above is the usual reason, and it beats a branch on a hot path.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Interfaces say "may return a promise"; an implementation that has nothing to wait for need not pretend.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/testing/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MethodDefinition[kind="get"] > PrivateIdentifier.key',
          message:
            'V8 never compiles the use of a private getter but calls its runtime: 19 ns instead of 3. Make it a method.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts'],
    rules: {
      // tap runs subtests in order by itself; nobody awaits t.test().
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafePromises: [{ from: 'package', package: '@tapjs/core', name: 'PromiseWithSubtest' }] },
      ],
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
      },
    },
  },
)
