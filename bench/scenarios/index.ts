import type { Subject } from '../subject.js';
import type { Scenario } from './scenario.js';

const COLLECTABLE = ['--expose-gc'];
const COLLECTED_BETWEEN = [...COLLECTABLE, '--min-semi-space-size=256', '--max-semi-space-size=256'];

const needsAxios = ({ http }: Subject): string | undefined =>
    http === 'own' ? 'own HTTP client: over sockets only' : undefined;

/** All scenarios by name, in the order of the report. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
    'hot-path': {
        parts: [
            { nodeOptions: [], load: async () => (await import('./hot-path.js')).hotPathTime },
            { nodeOptions: COLLECTED_BETWEEN, load: async () => (await import('./hot-path.js')).hotPathHeap },
        ],
        inapplicable: needsAxios,
    },
    throughput: { parts: [{ nodeOptions: [], load: async () => (await import('./throughput.js')).throughput }] },
    'cold-start': {
        parts: [{ nodeOptions: COLLECTABLE, load: async () => (await import('./cold-start.js')).coldStart }],
    },
    storm: { parts: [{ nodeOptions: COLLECTABLE, load: async () => (await import('./storm.js')).storm }] },
    stragglers: {
        parts: [{ nodeOptions: COLLECTABLE, load: async () => (await import('./stragglers.js')).stragglers }],
        inapplicable: needsAxios,
    },
    rotation: { parts: [{ nodeOptions: [], load: async () => (await import('./rotation.js')).rotation }] },
    failing: { parts: [{ nodeOptions: COLLECTABLE, load: async () => (await import('./failing.js')).failing }] },
    size: { parts: [{ nodeOptions: [], load: async () => (await import('./size.js')).size }] },
    import: { parts: [{ nodeOptions: [], load: async () => (await import('./import.js')).importTime }] },
    memory: {
        parts: [{ nodeOptions: COLLECTABLE, load: async () => (await import('./memory.js')).memory }],
        inapplicable: needsAxios,
    },
    renewal: {
        parts: [
            { nodeOptions: [], load: async () => (await import('./renewal.js')).renewal },
            { nodeOptions: [], load: async () => (await import('./shared-hot-path.js')).sharedTime },
            { nodeOptions: COLLECTED_BETWEEN, load: async () => (await import('./shared-hot-path.js')).sharedHeap },
        ],
        inapplicable: (_, isOurs) => (isOurs ? undefined : 'no store to share a token through'),
    },
};
