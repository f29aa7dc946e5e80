import type { BuildFailure } from 'esbuild';
import { gzipSync } from 'node:zlib';
import type { Figure, Target } from '../measure.js';
import { bundleEntry } from './entry.js';
import type { Finding, Run } from './scenario.js';

// What a subject adds to a bundle: minified, and compressed as tightly as gzip can. axios is left out where the subject
// is for those who have it already; another HTTP client that a subject brings along counts.

const ATTACH_ALONE =
    "import { attachTokenCreator } from 'axios-token-creator';\nglobalThis.used = { attachTokenCreator };\n";

type Platform = 'browser' | 'node';

async function weigh(entry: string, platform: Platform, key: string, target?: Target): Promise<Figure[]> {
    const code = await bundleEntry(entry, { minify: true, platform, external: ['axios'] });
    return [
        { name: `${key}: minified`, key: `${key}.minified`, unit: 'B', measured: code.length },
        {
            name: `${key}: minified and gzipped`,
            key: `${key}.gzipped`,
            unit: 'B',
            measured: gzipSync(code, { level: 9 }).length,
            ...(target && { target }),
        },
    ];
}

const reasonOf = (error: unknown): string => (error as Partial<BuildFailure>).errors?.[0]?.text ?? String(error);

async function weighIfPossible(entry: string, platform: Platform, target?: Target): Promise<Finding[]> {
    try {
        return await weigh(entry, platform, platform, target);
    } catch (error) {
        return [{ why: `does not bundle for ${platform}: ${reasonOf(error)}` }];
    }
}

export const size: Run = async function* ({ subject, isOurs }) {
    yield* await weighIfPossible(subject.entry, 'browser', { atMost: 3_500 });
    yield* await weighIfPossible(subject.entry, 'node');
    if (isOurs) yield* await weigh(ATTACH_ALONE, 'browser', 'attach.browser', { atMost: 2_600 });
    yield { why: subject.http === 'axios' ? 'axios left out' : 'own HTTP client included' };
};
