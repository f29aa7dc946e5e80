// What counts as core and why the rest does not, the last score and the surviving mutants: docs/mutation.md.
//
// A mutant that survives costs a run of every test that covers it. The core is therefore mutated in three groups, each
// tried by the suites that are about it; none of them needs Redis, a browser, another authorization server or a bundler.
export const groups = {
    tokens: {
        mutate: 'abort backoff bounded-map clock events follow freshness parameters rejection-budget retry-after step-up token token-slot token-source',
        suites: 'attach-creator bad-input freshness model/vectors parameters/{bounds,isolation,names,requests,snapshots,sources} refresh-token/log-out retry-after token token-source-!(races) token-state-clear shared/{early-log-out,revoked-together} transport/{insufficient-scope,revoked-together,sendings,step-up,step-up-limits}',
    },
    answers: {
        mutate: 'challenge error-chain headers rejection request-url token-answer token-to-send',
        suites: 'challenge challenge-vectors creators/{jwt-bearer,token-exchange} discovery-failures dpop/redirects error-chain errors headers request-url* token-endpoint* token-state transport/{bearer-usage,failed-creations,insufficient-scope,origins,redirects,rejections}',
    },
    transport: {
        mutate: 'adapter attach authorization config-copy departure request-body transport waiting',
        suites: 'attach* bad-input mock-adapter parameters/requests security/api-errors shared/revoked-together token-source-flight transport/!(stragglers)',
    },
};

const group = process.env.MUTATION_GROUP ?? 'tokens';
const { mutate, suites } = groups[group];

export default {
    mutate: mutate.split(' ').map((name) => `src/${name}.ts`),
    testRunner: 'jest',
    coverageAnalysis: 'perTest',
    jest: {
        configFile: 'jest.config.ts',
        // The runner below picks the suites of a mutant; looking for related ones would find nearly all of them.
        enableFindRelatedTests: false,
        config: {
            testMatch: suites.split(' ').map((name) => `<rootDir>/__tests__/${name}.test.ts`),
            runner: '<rootDir>/scripts/mutation/covering-suites.mjs',
            testEnvironment: './scripts/mutation/first-failure.mjs',
            testTimeout: 20_000, // a mutant that waits for ever must not do so for a minute
        },
    },
    disableTypeChecks: false, // nothing checks types here, so that no file has to be changed for it
    concurrency: 1,
    maxTestRunnerReuse: 150, // jest keeps some memory of each run
    timeoutMS: 30_000,
    incremental: true,
    incrementalFile: `reports/mutation/${group}-incremental.json`,
    reporters: ['clear-text', 'json', 'html'],
    clearTextReporter: { allowColor: false, logTests: false },
    jsonReporter: { fileName: `reports/mutation/${group}.json` },
    htmlReporter: { fileName: `reports/mutation/${group}.html` },
    thresholds: { high: 95, low: 90, break: 90 },
    warnings: { slow: false },
    cleanTempDir: 'always',
};
