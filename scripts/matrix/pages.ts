import { join } from 'node:path';
import { runInChromium } from '../../__tests__/matrix/chromium.js';
import type { Results } from '../../__tests__/matrix/results.js';
import { axiosName, type Scratch } from './scratch.js';

interface Plan {
    readonly bundler: 'rollup' | 'vite';
    readonly title: string;
    /** The library's axios and the user's. */
    readonly pairs: readonly (readonly [library: string, user: string])[];
}

const plansFor = (newest: string): readonly Plan[] => [
    {
        bundler: 'rollup',
        title: 'a page bundled by rollup',
        pairs: [
            ['1.5.0', '1.5.0'],
            ['1.13.3', '1.13.3'],
            [newest, '1.13.3'],
            ['1.13.3', newest],
            [newest, newest],
        ],
    },
    {
        bundler: 'vite',
        title: 'a page bundled by Vite',
        pairs: [
            ['1.5.0', '1.5.0'],
            [newest, newest],
        ],
    },
];

/** The behaviours in pages of Chromium. Its version is that of the machine, and no matter of the page. */
export async function runPages({ directory }: Scratch, newest: string): Promise<Results[]> {
    const results: Results[] = [];
    for (const { bundler, title, pairs } of plansFor(newest)) {
        const installed = (version: string): string => join(directory, 'node_modules', axiosName(version));
        const rows = await runInChromium(
            pairs.map(([library, user]) => ({ library: installed(library), user: installed(user), bundler })),
        );
        if (rows[0]) console.log(`${rows[0].runtime}, ${title}`);
        results.push(...rows.map((row) => ({ ...row, runtime: `Chromium, ${title}` })));
    }
    return results;
}
