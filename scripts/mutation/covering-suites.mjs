// Stryker tells jest the names of the tests that cover a mutant, but not in which files they are: jest would load all
// of them for each mutant. This runner remembers from the first run, without a mutant, what is where and how long it takes;
// then it runs those files alone, up to the first failure: those that killed the last mutants first, then the quickest.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import TestRunner from 'jest-runner';

const ACTIVE_MUTANT = '__STRYKER_ACTIVE_MUTANT__';

/** The files that killed mutants, the last one at the end. */
let killers = [];

/** The names and durations of the tests of each file. */
function readTests(memory) {
    return existsSync(memory) ? JSON.parse(readFileSync(memory, 'utf8')) : {};
}

/** Reads a pattern as Stryker writes it: `(name)|(name)`, with what is special in regular expressions escaped. */
function namesIn(pattern) {
    const names = pattern.slice(1, -1).split(')|(');
    return new Set(names.map((name) => name.replace(/\\(.)/g, '$1')));
}

export default class CoveringSuites extends TestRunner {
    async runTests(suites, watcher, options) {
        const memory = path.join(suites[0]?.context.config.rootDir ?? '', '.tests.json');
        const hasMutant = ACTIVE_MUTANT in process.env;
        const known = hasMutant ? readTests(memory) : {};
        const results = {};
        let killer;
        this.on('test-file-success', ([suite, { numFailingTests, testResults }]) => {
            if (numFailingTests > 0) killer ??= suite.path;
            results[suite.path] = testResults.map(({ fullName, duration }) => ({ name: fullName, duration }));
        });
        this.on('test-file-failure', ([suite]) => {
            killer ??= suite.path;
        });
        for (const suite of this.inOrder(suites, known)) {
            await super.runTests([suite], watcher, options);
            if (hasMutant && killer) break;
        }
        if (!hasMutant) writeFileSync(memory, JSON.stringify(results));
        else if (killer) killers = [...killers.filter((other) => other !== killer), killer];
    }

    /** Without a pattern all tests are wanted: the mutant is met when its module is loaded. */
    inOrder(suites, known) {
        const { testNamePattern } = this._globalConfig;
        const covering = testNamePattern && namesIn(testNamePattern);
        const timeOf = ({ path: file }) => {
            const tests = known[file]?.filter(({ name }) => !covering || covering.has(name)) ?? [];
            return tests.length > 0 ? tests.reduce((sum, { duration }) => sum + (duration ?? 0), 0) : undefined;
        };
        return suites
            .map((suite) => ({ suite, time: timeOf(suite), kill: killers.indexOf(suite.path) }))
            .filter(({ suite, time }) => time !== undefined || !(suite.path in known))
            .sort((a, b) => b.kill - a.kill || (a.time ?? 0) - (b.time ?? 0))
            .map(({ suite }) => suite);
    }
}
