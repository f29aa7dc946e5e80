/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

// Packages that are published as ES modules only. Tests run as CommonJS, so that axios, its mock adapter and src share
// one copy of axios; these packages are therefore compiled as well.
const esmOnly = [
    '@koa/.*',
    '@open-draft/deferred-promise',
    'dpop',
    'eta',
    'jose',
    'koa',
    'nanoid',
    'oidc-provider',
    'oidc-token-hash',
    'quick-lru',
    'raw-body',
    'rettime',
    'until-async',
];

const compilerOptions = {
    module: 'CommonJS',
    moduleResolution: 'bundler',
    target: 'ES2022',
    isolatedModules: true,
    esModuleInterop: true,
};

const config: Config = {
    testEnvironment: 'node',
    testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
    setupFilesAfterEnv: ['<rootDir>/__tests__/support/end-async-storages.ts'],
    testTimeout: 60_000,
    maxWorkers: 4, // also on two cores: many tests wait for time to pass
    workerIdleMemoryLimit: '768MB',
    moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1', '$1.js'] },
    transform: {
        '^.+\\.ts$': ['ts-jest', { tsconfig: { ...compilerOptions, sourceMap: true } }],
        'node_modules/.+\\.m?js$': ['ts-jest', { tsconfig: { ...compilerOptions, allowJs: true, types: [] } }],
    },
    transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
    coverageProvider: 'babel',
    collectCoverageFrom: ['src/**/*.ts'],
    coverageDirectory: 'coverage',
};

export default config;
