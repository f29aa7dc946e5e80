/** Runs the behaviours in Debian's Chromium: in a page that a bundler made, over `xhr` and `fetch`. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { closeAtOnce, listenOnLoopback } from '../../examples/servers/loopback.js';
import { bundleProject, type Bundle, type Bundler } from '../support/bundlers.js';
import { chromiumIsMissing, startChromium, type Chromium } from '../support/chromium.js';
import type { CaseResult, Results, Row } from './results.js';
import { startMatrixServer, type MatrixServer } from './server.js';

/** Directories in which axios is installed. */
export interface AxiosPair {
    /** The one that the library resolves. */
    readonly library: string;
    /** The one whose instance the library is attached to. */
    readonly user: string;
    /** By which the page is bundled; rollup otherwise. */
    readonly bundler?: Bundler;
}

const main = `
    import own from 'axios';
    import axios from 'user-axios';
    import * as library from 'axios-token-creator';
    import { behaviours } from './behaviours.js';
    import { runBehaviours } from './scene.js';
    globalThis.run = (scene) => runBehaviours(behaviours, { ...scene, axios, library, sender: own });
    // The library sends by the adapters of its own axios.
    const lacks = (name) => (axios) => {
        try {
            return !axios.getAdapter(name);
        } catch {
            return true;
        }
    };
    globalThis.lacking = (name) => [axios, own].find(lacks(name))?.VERSION;
`;

const adapters = ['xhr', 'fetch'] as const;

/** Two rows for each pair. Where Chromium is missing, each says so. */
export async function runInChromium(pairs: readonly AxiosPair[]): Promise<Results[]> {
    const notRun = chromiumIsMissing();
    if (notRun) return pairs.flatMap((pair) => rowsOf(pair, 'Chromium')).map((row) => ({ ...row, notRun }));
    const server = await startMatrixServer();
    const browser = await startChromium().catch(async (error: unknown) => {
        await server.close();
        throw error;
    });
    try {
        const results: Results[] = [];
        for (const [index, pair] of pairs.entries()) results.push(...(await runPair(pair, { index, browser, server })));
        return results;
    } finally {
        await Promise.all([browser.close(), server.close()]);
    }
}

function versionOf(directory: string): string {
    const { version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string };
    return version;
}

function rowsOf({ library, user }: AxiosPair, runtime: string): Row[] {
    return adapters.map((adapter) => {
        return { library: versionOf(library), user: versionOf(user), adapter, runtime };
    });
}

interface Place {
    readonly index: number;
    readonly browser: Chromium;
    readonly server: MatrixServer;
}

async function runPair(pair: AxiosPair, place: Place): Promise<Results[]> {
    const { library, user, bundler = 'rollup' } = pair;
    const project = await bundleProject({
        packages: { axios: library, 'user-axios': user },
        modules: {
            'main.js': main,
            'behaviours.js': { path: join(process.cwd(), '__tests__/matrix/behaviours.ts') },
            'scene.js': { path: join(process.cwd(), '__tests__/matrix/scene.ts') },
        },
        bundles: [{ name: 'page', bundler, entries: ['main.js'] }],
    });
    try {
        return await runBundle(pair, project.bundle('page'), place);
    } finally {
        await project.remove();
    }
}

async function runBundle(pair: AxiosPair, bundle: Bundle, { index, browser, server }: Place): Promise<Results[]> {
    const site = createServer(({ url }, response) => {
        const code = Object.entries(bundle.code).find(([name]) => url === `/${name}`)?.[1];
        response.setHeader('content-type', code === undefined ? 'text/html' : 'text/javascript');
        response.end(
            code ?? '<!doctype html><link rel="icon" href="data:,"><script type="module" src="main.js"></script>',
        );
    });
    const port = await listenOnLoopback(site);
    const page = await browser.context.newPage();
    const runtime = `Chromium ${browser.context.browser()?.version() ?? ''}`;
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    const call = (name: string, value: unknown): Promise<unknown> =>
        page.evaluate(
            ([called, given]) => {
                const functions = globalThis as unknown as Record<string, (argument: unknown) => unknown>;
                return functions[called]?.(given);
            },
            [name, value] as const,
        );

    async function runRow(row: Row): Promise<Results> {
        const { adapter } = row;
        const lacking = (await call('lacking', adapter)) as string | undefined;
        if (lacking !== undefined) return { ...row, notRun: `axios ${lacking} has no ${adapter} adapter` };
        const name = `chromium-${index}-${adapter}`;
        const scene = { url: `${server.url}/${name}`, elsewhere: `${server.elsewhere}/${name}` };
        const cases = (await call('run', { ...scene, adapter, runtime: 'chromium' })) as CaseResult[];
        return { ...row, cases: [...cases, quietCase(complaints.splice(0))] };
    }

    try {
        await page.goto(`http://127.0.0.1:${port}/`);
        const results: Results[] = [];
        for (const row of rowsOf(pair, runtime)) results.push(await runRow(row));
        return results;
    } finally {
        await page.close();
        await closeAtOnce(site);
    }
}

/** What no behaviour can see by itself. */
function quietCase(complaints: readonly string[]): CaseResult {
    const name = 'no error, and no rejection, is left to the page';
    return complaints.length === 0
        ? { name, outcome: 'passed' }
        : { name, outcome: 'failed', why: complaints.join('; ') };
}
