import axios, { type AxiosRequestConfig } from 'axios';
import { attachTokenCreator, type AttachOptions } from '../../src/index.js';
import { adapters } from '../support/servers.js';
import { HOME, HOSTILE_CONFIGS, HOSTILE_URLS } from './hostile-urls.js';
import { openWire, type Arrival, type Wire } from './wire.js';

const TOKEN = 'canary-token';

let wire: Wire;

beforeEach(async () => {
    wire = await openWire();
});

afterEach(() => wire.close());

const requests: readonly AxiosRequestConfig[] = [...HOSTILE_URLS.map((url) => ({ url })), ...HOSTILE_CONFIGS].flatMap(
    (request) => [true, false].map((allowAbsoluteUrls) => ({ ...request, allowAbsoluteUrls })),
);

interface Sent {
    readonly request: AxiosRequestConfig;
    readonly arrivals: readonly Arrival[];
}

async function sendAll(defaults: AxiosRequestConfig, options?: AttachOptions): Promise<Sent[]> {
    const client = axios.create({ timeout: 10_000, ...defaults });
    attachTokenCreator(client, async () => ({ access_token: TOKEN, token_type: 'Bearer' }), options);
    const sent: Sent[] = [];
    for (const request of requests) {
        const before = wire.arrivals.length;
        await client.request(request).catch(() => undefined);
        sent.push({ request, arrivals: wire.arrivals.slice(before) });
    }
    return sent;
}

const carriesToken = ({ headers }: Arrival): boolean => JSON.stringify(headers).includes(TOKEN);
const withToken = (sent: Sent[]): Sent[] => sent.filter(({ arrivals }) => arrivals.some(carriesToken));
const elsewhere = (sent: Sent[]): Sent[] =>
    sent.filter(({ arrivals }) => arrivals.some(({ origin }) => origin !== HOME));

test('the corpus is large, and says nothing twice', () => {
    expect(HOSTILE_URLS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(HOSTILE_URLS).size).toBe(HOSTILE_URLS.length);
});

describe.each(adapters)('over %s, whatever the URL', (adapter) => {
    const modes: [string, AxiosRequestConfig, AttachOptions | undefined][] = [
        ['of an instance with a baseURL', { baseURL: HOME }, undefined],
        ['of an instance with origins, and without redirects', { baseURL: HOME, maxRedirects: 0 }, { origins: [HOME] }],
        ['of an instance with origins and no baseURL', {}, { origins: [HOME] }],
    ];

    // Redirects are the http adapter's own.
    test.each(modes.filter(([, { maxRedirects }]) => adapter === 'http' || maxRedirects === undefined))(
        'a server outside origins never sees the token %s',
        async (_name, defaults, options) => {
            const sent = await sendAll({ ...defaults, adapter, ...wire.config[adapter] }, options);

            const leaks = sent.filter(({ arrivals }) =>
                arrivals.some((each) => each.origin !== HOME && carriesToken(each)),
            );
            expect(leaks).toEqual([]);
            expect(elsewhere(sent).length).toBeGreaterThanOrEqual(60); // requests that were really sent to such a server
            expect(withToken(sent).length).toBeGreaterThanOrEqual(10);
        },
    );

    test("and with '*' they do: it is the rule that keeps the token, not the wire", async () => {
        const sent = await sendAll({ baseURL: HOME, adapter, ...wire.config[adapter] }, { origins: '*' });

        expect(withToken(elsewhere(sent)).length).toBeGreaterThanOrEqual(40);
    });
});
