// The package in a user's own tests: jest with CommonJS and with ES modules, plain and by ts-jest, and vitest.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../commands.mjs';

const esModules = { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' };

function tsJest(options, compilerOptions) {
    const tsconfig = {
        target: 'ES2022',
        lib: ['ES2022', 'DOM'],
        types: [],
        strict: true,
        allowJs: true,
        ...compilerOptions,
    };
    return { '\\.ts$': ['ts-jest', { compiler: 'typescript-5.9', tsconfig, ...options }] };
}

const jests = {
    'jest, CommonJS': { config: { transform: {}, testMatch: ['**/required.test.cjs'] } },
    'jest, ES modules': {
        config: {
            transform: {},
            testMatch: ['**/imported.test.mjs'],
            moduleFileExtensions: ['js', 'mjs', 'cjs', 'json'],
        },
        env: esModules,
    },
    'ts-jest, CommonJS': {
        config: {
            testMatch: ['**/typed.test.ts'],
            transform: tsJest({}, { module: 'CommonJS', moduleResolution: 'node10', esModuleInterop: true }),
        },
    },
    'ts-jest, ES modules': {
        config: {
            testMatch: ['**/typed.test.ts'],
            extensionsToTreatAsEsm: ['.ts'],
            transform: tsJest({ useESM: true }, { module: 'ESNext', moduleResolution: 'bundler' }),
        },
        env: esModules,
    },
};

async function runTests(title, command, { cwd, env }) {
    const { stdout, stderr } = await run(title, process.execPath, command, { cwd, env: { ...env, NO_COLOR: '1' } });
    const passed = Number(/^\s*Tests:?\s+(\d+) passed/m.exec(stdout + stderr)?.[1] ?? 0);
    if (passed === 0) throw new Error(`${title}: no test was run\n${stdout}${stderr}`);
    console.log(`${title}: ${passed} tests passed`);
}

/** One step for each runner. */
export function runnerSteps(project) {
    const steps = Object.entries(jests).map(([title, { config, env }], index) => async () => {
        const name = `jest.${index}.json`;
        writeFileSync(join(project, name), JSON.stringify({ ...config, rootDir: project, testTimeout: 20_000 }));
        await runTests(title, ['node_modules/jest/bin/jest.js', '--config', name, '--maxWorkers', '1'], {
            cwd: project,
            env,
        });
    });
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--globals', '--test-timeout=20000', 'imported', 'typed'];
    return [...steps, async () => runTests('vitest', vitest, { cwd: project })];
}
