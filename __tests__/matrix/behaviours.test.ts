import axios from 'axios';
import * as library from '../../src/index.js';
import { behaviours } from './behaviours.js';
import { runBehaviours } from './scene.js';
import { startMatrixServer, type MatrixServer } from './server.js';

let server: MatrixServer;

beforeAll(async () => {
    server = await startMatrixServer();
});

afterAll(() => server.close());

const sceneOf = (name: string, adapter: 'http' | 'fetch') => ({
    axios,
    library,
    adapter,
    runtime: 'node' as const,
    url: `${server.url}/${name}`,
    elsewhere: `${server.elsewhere}/${name}`,
});

describe.each(['http', 'fetch'] as const)('over %s', (adapter) => {
    it('each behaviour passes, or says why it cannot run', async () => {
        const cases = await runBehaviours(behaviours, sceneOf(adapter, adapter));

        expect(cases.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
        expect(cases.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(50);
        expect(cases.filter(({ outcome, why }) => outcome === 'inapplicable' && !why)).toEqual([]);
    }, 180_000);
});
