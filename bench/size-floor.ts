import type { Plugin } from 'esbuild';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { bundleEntry } from './scenarios/entry.js';

// What would be left of the bundles if parts of the package were not there: `npx tsx bench/size-floor.ts`. Each line
// takes away more than the one before; what it takes away is replaced by functions that do nothing. So no line but the
// first works: they show which parts weigh what, and that nothing short of the package's core weighs most of it.

const BUNDLES = ['attachTokenCreator', 'attachTokenCreator, createClientTokenCreator'];
const SHORTEST_MESSAGE = 15;

interface Step {
    readonly without: string;
    readonly files: readonly string[];
    readonly areMessagesCut?: true;
}

const STEPS: readonly Step[] = [
    { without: 'nothing', files: [] },
    { without: 'input checks', files: ['options'] },
    { without: 'messages', files: [], areMessagesCut: true },
    {
        without: 'parameters, step-up, challenges',
        files: ['parameters', 'bounded-map', 'step-up', 'challenge'],
    },
    {
        without: 'redaction, error answers of the token endpoint',
        files: ['redaction', 'token-answer', 'plain-request', 'retry-after'],
    },
    {
        without: 'backoff, budget, events, one-use bodies, timeouts and signals of those who wait',
        files: [
            'backoff',
            'rejection-budget',
            'events',
            'shared-error',
            'request-body',
            'waiting',
            'departure',
            'abort',
        ],
    },
    {
        without: 'origins, what is a refusal, classes of errors',
        files: ['request-url', 'rejection', 'headers', 'error-chain', 'errors', 'follow'],
    },
];

/** Exports what a module does, as functions that do nothing. */
function hollow(source: string): string {
    const names = [...source.matchAll(/export (?:async )?(?:function|const|class) (\w+)/g)].map(([, name]) => name);
    return names.map((name) => `export const ${name} = () => {};`).join('\n');
}

function without(files: ReadonlySet<string>): Plugin {
    return {
        name: 'hollow',
        setup(bundling) {
            bundling.onLoad({ filter: /\/src\/[\w-]+\.ts$/ }, ({ path }) => {
                const source = readFileSync(path, 'utf8');
                const [, file = ''] = /([\w-]+)\.ts$/.exec(path) ?? [];
                return { contents: files.has(file) ? hollow(source) : source, loader: 'ts' };
            });
        },
    };
}

function cutMessages(code: string): string {
    const cuts: [number, number][] = [];
    const parsed = ts.createSourceFile('bundle.js', code, ts.ScriptTarget.ES2022, true);
    const visit = (node: ts.Node): void => {
        const isOpen = ts.isTemplateHead(node) || ts.isTemplateMiddle(node);
        const isText = isOpen || ts.isStringLiteralLike(node) || ts.isTemplateTail(node);
        if (isText && node.text.length >= SHORTEST_MESSAGE)
            cuts.push([node.getStart(parsed) + 1, node.getEnd() - (isOpen ? 2 : 1)]);
        ts.forEachChild(node, visit);
    };
    visit(parsed);
    return cuts.reduceRight((text, [from, to]) => text.slice(0, from) + text.slice(to), code);
}

async function sizeOf(names: string, files: ReadonlySet<string>, areMessagesCut: boolean): Promise<number> {
    const entry = `import { ${names} } from 'axios-token-creator';\nglobalThis.used = { ${names} };\n`;
    const plugins = [without(files)];
    const bundled = await bundleEntry(entry, { plugins, minify: true, platform: 'browser', external: ['axios'] });
    const code = Buffer.from(bundled).toString();
    return gzipSync(areMessagesCut ? cutMessages(code) : code, { level: 9 }).length;
}

console.log(`bytes gzipped of ${BUNDLES.join(' / of ')}`);
const removed = new Set<string>();
let areMessagesCut = false;
for (const step of STEPS) {
    for (const file of step.files) removed.add(file);
    areMessagesCut ||= step.areMessagesCut ?? false;
    const sizes: number[] = [];
    for (const names of BUNDLES) sizes.push(await sizeOf(names, removed, areMessagesCut));
    console.log(`${sizes.join(' / ').padEnd(14)} ${removed.size > 0 ? 'and ' : ''}without ${step.without}`);
}
