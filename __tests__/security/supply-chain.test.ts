import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { visitSources } from './regular-expressions.js';

const read = (name: string): string => readFileSync(join(__dirname, '../..', name), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, unknown>>;

/** What the sources do, by a name for it, and where. */
function foundInSources(find: (node: ts.Node) => string | undefined): string[] {
    const found: string[] = [];
    visitSources((node, file) => {
        const name = find(node);
        if (name !== undefined && !/^testing[\\/]/.test(file)) found.push(`${file}: ${name}`);
    });
    return found;
}

/** What a call or a `new` calls: `eval`, `globalThis.fetch`. */
function calleeOf(node: ts.Node): string | undefined {
    const isCall = ts.isCallExpression(node) || ts.isNewExpression(node);
    return isCall ? node.expression.getText().replace(/^(globalThis|window|self)\??\./, '') : undefined;
}

test('nothing is installed with it but what it is used with, and nothing of it runs on installing', () => {
    expect(manifest['dependencies']).toBeUndefined();
    expect(manifest['optionalDependencies']).toBeUndefined();
    expect(manifest['bundleDependencies']).toBeUndefined();
    expect(Object.keys(manifest['peerDependencies'] ?? {})).toEqual(['axios', 'dpop', 'jose']);
    expect(Object.keys(manifest['scripts'] ?? {}).filter((name) => /install|prepare|prepublish$/.test(name))).toEqual(
        [],
    );
});

test('only what is meant to be is published', () => {
    expect(manifest['files']).toEqual(['dist', 'README.md', 'LICENSE', 'CHANGELOG.md']);
});

test('no text is ever run as code', () => {
    const RUNS_TEXT = /^(eval|Function|require|importScripts|setTimeout|setInterval|WebAssembly\b.*|document\.write)$/;
    const found = foundInSources((node) => {
        if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.getText();
        const callee = calleeOf(node);
        if (callee === undefined || !RUNS_TEXT.test(callee)) return undefined;
        const [first] = (node as ts.CallExpression).arguments;
        // Timers take functions, and would run a text.
        const isTimer = callee.startsWith('set') && first && !ts.isStringLiteralLike(first);
        return isTimer ? undefined : node.getText();
    });
    expect(found).toEqual([]);
});

test('it talks to nobody but by the axios that it is given, and reads neither files nor the environment', () => {
    const SENDS = /^(fetch|XMLHttpRequest|WebSocket|EventSource|navigator\.sendBeacon|Image)$/;
    const calls = foundInSources((node) => {
        const callee = calleeOf(node);
        return callee !== undefined && SENDS.test(callee) ? callee : undefined;
    });
    const imports = foundInSources((node) => {
        if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return undefined;
        const from = node.moduleSpecifier && (node.moduleSpecifier as ts.StringLiteral).text;
        return from === undefined || from.startsWith('.') || ['axios', 'dpop', 'jose'].includes(from)
            ? undefined
            : from;
    });
    const environment = foundInSources((node) =>
        /^process(\.env)?$/.test(node.getText()) ? node.getText() : undefined,
    );
    expect([...calls, ...imports, ...environment]).toEqual([]);
});

test('nothing is kept where scripts of other pages, or of other tenants, could find it', () => {
    const KEEPS = /^(localStorage|sessionStorage|indexedDB|document\.cookie|caches)\b/;
    expect(foundInSources((node) => (KEEPS.test(node.getText()) ? node.getText().slice(0, 40) : undefined))).toEqual(
        [],
    );
});

test('no source prints anything', () => {
    expect(foundInSources((node) => (calleeOf(node)?.startsWith('console.') ? node.getText() : undefined))).toEqual([]);
});

test('a release is published from a workflow, with provenance and without a token, once all checks have passed', () => {
    const workflow = read('.github/workflows/release.yml');
    expect(workflow).toMatch(/npm publish \.\/\*\.tgz --provenance --access public/);
    expect(workflow).toMatch(/publish:\n {8}needs: check\n/);
    expect(workflow).toContain('id-token: write');
    expect(workflow).not.toMatch(/NODE_AUTH_TOKEN|NPM_TOKEN|secrets\./);
    expect(workflow).toContain('run: .ci/run');
});

test.each(['check:lockfile', 'check:shipped', 'check:build', 'check:audit'])('each change passes %s', (check) => {
    expect(read('.ci/run')).toContain(`step ${check} npm run ${check}`);
    expect(manifest['scripts']?.[check]).toBeDefined();
});

interface Lock {
    packages: Record<string, { resolved?: string; integrity?: string; link?: boolean; optional?: boolean }>;
}

test('whatever the development installs has a hash in the lock', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as Lock;
    const unhashed = Object.entries(packages)
        .filter(
            ([name, { integrity, link, optional }]) => name && !link && !optional && !integrity?.startsWith('sha512-'),
        )
        .map(([name]) => name);
    expect(unhashed).toEqual([]);
});
