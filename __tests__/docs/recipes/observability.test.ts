import { Writable } from 'node:stream';
import axios from 'axios';
import { pino } from 'pino';
import { register, Registry } from 'prom-client';
import {
    attachTokenCreator,
    createClientTokenCreator,
    type TokenEvent,
    type TokenGrantResponse,
} from '../../../src/index.js';
import { failureOf, refuse, useServers, wait } from '../../support/servers.js';
import { differences, readPage, SAME } from '../excerpts.js';
import { attachObserved, createTokenMetrics, logTo } from './observability.js';
import { serveApi, serveTokens } from './stage.js';

const serve = useServers();
const SECRETS = /access-\d|the-secret/;

it('docs/recipes/observability.md shows the code that is run here, to the letter, and no other', () => {
    expect(differences('recipes/observability.md', ['recipes/observability.ts'])).toEqual(SAME);
});

interface Line {
    readonly level: number;
    readonly msg: TokenEvent['type'];
    readonly [field: string]: unknown;
}

function createLog() {
    const lines: Line[] = [];
    const stream = new Writable({
        write(chunk: Buffer, _, done) {
            lines.push(JSON.parse(chunk.toString()) as Line);
            done();
        },
    });
    return { lines, logger: pino({ level: 'debug' }, stream) };
}

const { debug, info, warn, error } = pino.levels.values as Record<'debug' | 'info' | 'warn' | 'error', number>;

/** An API whose first token is refused after the first request, and a token endpoint that may be down. */
async function arrange() {
    let isFirstRevoked = false;
    let isDown = false;
    const tokens = await serveTokens(serve, '/token', (_, index) =>
        isDown
            ? { error: 'invalid_client', error_description: 'not the-secret', status: 401 }
            : { access_token: `access-${index}`, token_type: 'Bearer', expires_in: 100 },
    );
    const api = await serveApi(serve, (token) => Boolean(token) && !(isFirstRevoked && token === 'access-1'));
    const creator = createClientTokenCreator({ id: 'app', secret: 'the-secret' }, { client: { baseURL: tokens.url } });
    return {
        client: axios.create({ baseURL: api.url }),
        creator,
        revoke: () => (isFirstRevoked = true),
        breakDown: () => (isDown = true),
    };
}

describe('logs', () => {
    it('tell what happened, at levels that suit it, and no secret', async () => {
        const { client, creator, revoke, breakDown } = await arrange();
        const { lines, logger } = createLog();
        const { source } = attachTokenCreator(client, creator, { onEvent: logTo(logger) });

        await client.get('/a');
        revoke();
        await client.get('/b');
        breakDown();
        source.clear();
        await failureOf(client.get('/c'));

        expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
            [debug, 'creating'],
            [info, 'created'],
            [info, 'rejected'],
            [debug, 'creating'],
            [info, 'created'],
            [info, 'replayed'],
            [info, 'cleared'],
            [debug, 'creating'],
            [error, 'failed'],
        ]);
        expect(lines.at(-1)).toMatchObject({
            reason: 'missing',
            error: { name: 'TokenEndpointError', code: 'endpoint' },
        });
        expect(lines.at(-1)).toHaveProperty('error.message', expect.stringContaining('invalid_client'));
        expect(JSON.stringify(lines)).not.toMatch(SECRETS);
    });

    it('tell of an error of a custom creator its name alone', async () => {
        const { lines, logger } = createLog();
        const creator = jest.fn().mockRejectedValue(Object.assign(new RangeError('the-secret'), { key: 'the-secret' }));
        const client = axios.create({ baseURL: 'http://api.invalid', adapter: 'http' });
        attachTokenCreator(client, creator, { onEvent: logTo(logger) });

        await failureOf(client.get('/'));

        expect(lines.at(-1)).toMatchObject({ level: error, msg: 'failed', error: { name: 'RangeError' } });
        expect(JSON.stringify(lines)).not.toMatch(SECRETS);
    });

    it('warn of a renewal in the background that failed, and of a second refusal', async () => {
        const { lines, logger } = createLog();
        const grant: TokenGrantResponse = { access_token: 'access-1', token_type: 'Bearer', expires_in: 100 };
        const creator = jest.fn<Promise<TokenGrantResponse>, []>().mockResolvedValueOnce(grant);
        creator.mockRejectedValueOnce(new Error('down')).mockResolvedValue(grant);
        let elapsed = 0;
        const clock = { now: () => elapsed, monotonic: () => elapsed };
        const api = await serve(refuse);
        const client = axios.create({ baseURL: api.url });
        const { source } = attachTokenCreator(client, creator, { clock, onEvent: logTo(logger) });

        await source.getToken();
        elapsed = 85_000;
        source.current();
        await wait(10);
        await failureOf(client.get('/'));

        const warnings = lines.filter(({ level }) => level === warn);
        expect(warnings).toMatchObject([
            { msg: 'failed', reason: 'ahead' },
            { msg: 'replayed', recovered: false, status: 401 },
        ]);
    });
});

describe('metrics', () => {
    it('count what happened, by source', async () => {
        const { client, creator, revoke, breakDown } = await arrange();
        const registry = new Registry();
        const metricsOf = createTokenMetrics(registry);
        const { source } = attachTokenCreator(client, creator, { onEvent: metricsOf('users') });
        metricsOf('idle');

        const before = Date.now() / 1_000;
        await client.get('/a');
        revoke();
        await client.get('/b');
        const printed = await registry.metrics();
        breakDown();
        source.clear();
        await failureOf(client.get('/c'));

        const lines = printed.split('\n');
        expect(lines).toEqual(
            expect.arrayContaining([
                'token_creations_total{source="users",reason="missing",outcome="created"} 1',
                'token_creations_total{source="users",reason="rejected",outcome="created"} 1',
                'token_creation_seconds_count{source="users",reason="missing"} 1',
                'token_rejections_total{source="users",status="401"} 1',
                'token_replays_total{source="users",recovered="true"} 1',
            ]),
        );
        const expiry = Number(/^token_expires_at_seconds\{source="users"\} (.+)$/m.exec(printed)?.[1]);
        expect(expiry - before).toBeGreaterThan(99);
        expect(expiry - before).toBeLessThan(160);
        const afterwards = await registry.metrics();
        expect(afterwards).toContain('token_creations_total{source="users",reason="missing",outcome="failed"} 1');
        expect(afterwards).not.toMatch(/^token_expires_at_seconds\{/m);
        expect(printed + afterwards).not.toMatch(SECRETS);
    });

    it('bear the names that the alerts of the page ask for', async () => {
        const registry = new Registry();
        createTokenMetrics(registry);
        const names = registry.getMetricsAsArray().map(({ name }) => name);
        const alerts = readPage('recipes/observability.md').split('What is worth an alert')[1] ?? '';

        const asked = [...alerts.matchAll(/`(token_\w+)/g)].map(([, name]) => name);

        expect(new Set(asked).size).toBe(4);
        expect(names).toEqual(expect.arrayContaining(asked));
    });
});

it('a client has both', async () => {
    const { client, creator } = await arrange();
    const { lines, logger } = createLog();

    attachObserved('both', client, creator, logger);
    await client.get('/');

    expect(lines.map(({ msg }) => msg)).toEqual(['creating', 'created']);
    expect(await register.metrics()).toContain(
        'token_creations_total{source="both",reason="missing",outcome="created"} 1',
    );
});
