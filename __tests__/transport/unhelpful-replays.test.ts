import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, type TokenEvent } from '../../src/index.js';
import { createIssuer, failOnUnhandledRejections, type Issuer } from '../support/servers.js';

failOnUnhandledRejections();

const REQUESTS = 100;
/** The first token, and one for each of the budget. */
const MOST_CREATIONS = 11;

interface Scene {
    issuer: Issuer;
    client: AxiosInstance;
    events: TokenEvent[];
}

/** An endpoint that refuses every request once, and then answers in its own way. */
function arrange(secondAnswer: number | Error): Scene {
    const issuer = createIssuer();
    const events: TokenEvent[] = [];
    const seen = new Set<unknown>();
    const client = axios.create({
        baseURL: 'https://api.example.com',
        adapter: async (config) => {
            const isFirst = !seen.has(config.url);
            seen.add(config.url);
            if (!isFirst && secondAnswer instanceof Error) throw secondAnswer;
            const status = isFirst ? 401 : Number(secondAnswer);
            return { status, statusText: '', headers: {}, config, data: '' };
        },
    });
    attachTokenCreator(client, issuer.creator, { onEvent: (event) => events.push(event) });
    return { issuer, client, events };
}

async function sendAll({ client }: Scene): Promise<unknown[]> {
    const outcomes: unknown[] = [];
    for (let i = 0; i < REQUESTS; i++) {
        outcomes.push(
            await client.post(`/${i}`).then(
                ({ status }) => status,
                (error: unknown) => error,
            ),
        );
    }
    return outcomes;
}

const replays = ({ events }: Scene) =>
    events.filter((event) => event.type === 'replayed').map(({ status, recovered }) => ({ status, recovered }));

const times = <T>(length: number, value: T): T[] => Array.from({ length }, () => value);

describe('a replay that shows nothing of the new token gives nothing back to the budget', () => {
    it.each([503, 429, 500, 502, 504, 401])('answered with %d', async (status) => {
        const scene = arrange(status);

        const outcomes = await sendAll(scene);

        expect(scene.issuer.created).toBeLessThanOrEqual(MOST_CREATIONS);
        expect(replays(scene)).toEqual(times(10, { status, recovered: false }));
        expect(outcomes.slice(0, 10)).toEqual(times(10, status));
        expect(outcomes.at(-1)).toBe(401);
    });

    it('without an answer', async () => {
        const scene = arrange(new Error('cut'));

        await sendAll(scene);

        expect(scene.issuer.created).toBeLessThanOrEqual(MOST_CREATIONS);
        expect(replays(scene)).toEqual(times(10, { status: undefined, recovered: false }));
    });
});

describe('a replay that shows that the new token was accepted gives its place in the budget back', () => {
    it.each([200, 204, 404, 403, 400, 409, 304])('answered with %d', async (status) => {
        const scene = arrange(status);

        const outcomes = await sendAll(scene);

        expect(outcomes).toEqual(times(REQUESTS, status));
        expect(scene.issuer.created).toBe(REQUESTS + 1);
        expect(replays(scene)).toEqual(times(REQUESTS, { status, recovered: true }));
    });
});
