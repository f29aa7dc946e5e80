import { runScript, useFolders, type Files, type Outcome } from './scratch.js';

const folderWith = useFolders();

const manifest = {
    name: 'library',
    version: '1.0.0',
    license: 'MIT',
    files: ['dist', 'README.md', 'LICENSE', 'CHANGELOG.md'],
    main: './dist/index.cjs',
    exports: {
        '.': {
            import: { types: './dist/index.d.ts', default: './dist/index.js' },
            require: { types: './dist/index.d.cts', default: './dist/index.cjs' },
        },
        './package.json': './package.json',
    },
    scripts: { build: 'build', prepack: 'build' },
    peerDependencies: { axios: '^1.5.0' },
};
const mapOf = (...sources: string[]): object => ({ version: 3, sources });
const lockWith = (license: string, more: object = {}): object => ({
    packages: {
        '': manifest,
        'node_modules/axios': { license: 'MIT', dependencies: { inner: '1' } },
        'node_modules/axios/node_modules/inner': { license },
        'node_modules/inner': { license: 'GPL-3.0-only' },
        ...more,
    },
});
const good: Files = {
    'package.json': manifest,
    'package-lock.json': lockWith('(BSD-3-Clause OR GPL-2.0-only)'),
    LICENSE: 'MIT License\n\nCopyright (c) …',
    'README.md': '# library',
    'CHANGELOG.md': '# Changelog',
    'dist/index.js':
        "import axios from 'axios';\nexport { a } from './chunks/a-x.js';\n/* import 'said/in/a/comment' */",
    'dist/index.js.map': mapOf('../src/index.ts'),
    'dist/index.cjs': "const axios = require('axios/x');",
    'dist/index.cjs.map': mapOf('../src/index.ts'),
    'dist/index.d.ts': "export type { A } from './chunks/a-x.js';",
    'dist/index.d.cts': "export type A = import('axios').AxiosInstance;",
    'dist/chunks/a-x.js': 'export const a = 1;',
    'dist/chunks/a-x.js.map': mapOf('../../src/a.ts'),
    'dist/chunks/a-x.d.ts': 'export interface A {}',
    'src/index.ts': 'not shipped',
};

function check(changed: Files): Outcome {
    return runScript('check-shipped.mjs', [], folderWith({ ...good, ...changed }));
}

function expectViolations({ status, output }: Outcome, ...messages: string[]): void {
    for (const message of messages) expect(output).toContain(`    ${message}`);
    const told = output.split('\n').filter((line) => line.startsWith('    '));
    expect(told).toHaveLength(messages.length);
    expect(status).toBe(1);
}

test('a package that ships what it should passes', () => {
    const { status, output } = check({});
    expect(output).not.toContain('VIOLATION');
    expect(output).toContain('files (13): ok');
    expect(output).toContain('1 × MIT, 1 × (BSD-3-Clause OR GPL-2.0-only)');
    expect(status).toBe(0);
});

test('files that are not meant to be shipped, and such as are and are not there, are told', () => {
    const outcome = check({
        'package.json': { ...manifest, files: ['dist', 'src'], types: './dist/gone.d.ts' },
        'dist/notes.txt': 'x',
        'dist/deeper/folder/x.js': '',
        'dist/deeper/folder/x.js.map': mapOf('../../../src/x.ts'),
    });
    expectViolations(
        outcome,
        '"files" is not dist, README.md, LICENSE, CHANGELOG.md',
        'dist/notes.txt is shipped',
        'dist/deeper/folder/x.js is shipped',
        'dist/deeper/folder/x.js.map is shipped',
        'src/index.ts is shipped',
        'CHANGELOG.md is not shipped',
        'dist/gone.d.ts is not shipped',
    );
});

test('dependencies, and whatever runs on installing, are told', () => {
    const scripts = { ...manifest.scripts, postinstall: 'x', prepare: 'x' };
    const dependencies = { inner: '1' };
    expectViolations(
        check({
            'package.json': { ...manifest, scripts, dependencies, optionalDependencies: { b: '1' }, gypfile: true },
        }),
        'the script "postinstall" runs on installing',
        'the script "prepare" runs on installing',
        'npm would run node-gyp on installing',
        'there are "dependencies"; what the package needs are peers',
        'there are "optionalDependencies"; what the package needs are peers',
    );
});

test('licences that ask for more, or are not known, are told, however deep', () => {
    const packages = { 'node_modules/axios': { license: 'MIT', dependencies: { inner: '1', gone: '1' } } };
    expectViolations(
        check({ 'package-lock.json': lockWith('MIT AND GPL-3.0-only', packages), LICENSE: 'All rights reserved' }),
        'package.json and LICENSE do not both say MIT',
        'gone, which node_modules/axios needs, is not in the lock',
        'node_modules/axios/node_modules/inner: MIT AND GPL-3.0-only is not one of',
    );
});

test('imports of what a user may not have, and code of others, are told', () => {
    expectViolations(
        check({
            'dist/index.js':
                "import { readFile } from 'node:fs'; import './chunks/gone.js'; export * from 'axios-like';",
            'dist/index.js.map': mapOf('../src/index.ts', '../node_modules/other/index.js'),
            'dist/index.cjs': "const later = () => import('lodash');",
            'dist/index.d.ts': "export type A = import('jest').A; export * from './chunks/gone.js';",
            'dist/chunks/a-x.js.map': mapOf(),
        }),
        'dist/index.js imports node:fs',
        'dist/index.js imports ./chunks/gone.js',
        'dist/index.js imports axios-like',
        'dist/index.cjs imports lodash',
        'dist/index.d.ts imports jest',
        'dist/index.d.ts imports ./chunks/gone.js',
        'dist/index.js is made of node_modules/other/index.js',
        'dist/chunks/a-x.js.map tells of no source',
    );
});

test('code without a source map is told', () => {
    const folder = folderWith({ ...good, 'dist/chunks/b-x.js': 'export const b = 1;' });
    expectViolations(
        runScript('check-shipped.mjs', [], folder),
        'dist/chunks/b-x.js has no source map, which would tell what it is made of',
    );
});
