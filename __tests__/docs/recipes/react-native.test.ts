import axios, { type AxiosAdapter } from 'axios';
import { attachTokenCreator, createClientTokenCreator } from '../../../src/index.js';
import { useServers } from '../../support/servers.js';
import { differences, SAME } from '../excerpts.js';
import { createApp, type AsyncStorage } from './react-native.js';
import {
    PatternUrl,
    PlainAbortController,
    PlainAbortSignal,
    UnreadableUrl,
    useGlobals,
} from './react-native-globals.js';
import { memoryStorage } from '../../support/memory-storage.js';
import { serveApi, serveTokens } from './stage.js';

const serve = useServers();
const replaceGlobals = useGlobals();

it('docs/recipes/react-native.md shows the code that is run here, to the letter, and no other', () => {
    expect(differences('recipes/react-native.md', ['recipes/react-native.ts'])).toEqual(SAME);
});

/** Sends without looking at globals that a test has replaced. */
const native: AxiosAdapter = async (config) => {
    const { method, headers } = config;
    const answer = await fetch(axios.getUri(config), {
        method: method?.toUpperCase(),
        body: config.data as string | undefined,
        headers: Object.fromEntries(Object.entries(headers.toJSON()).map(([name, value]) => [name, String(value)])),
    });
    const { status, statusText } = answer;
    return { status, statusText, headers: Object.fromEntries(answer.headers), config, data: await answer.text() };
};

async function startApp() {
    const auth = await serveTokens(serve, '/token', (_, index) => ({
        access_token: `access-${index}`,
        refresh_token: `refresh-${index}`,
        token_type: 'Bearer',
    }));
    const items = memoryStorage();
    const storage: AsyncStorage = {
        getItem: async (key) => items.getItem(key),
        setItem: async (key, value) => items.setItem(key, value),
        removeItem: async (key) => items.removeItem(key),
    };
    items.setItem('refresh_token', 'first');
    const api = await serveApi(serve);
    return { auth, items, api, app: () => createApp(api.url, `${auth.url}/token`, storage) };
}

describe('a session in AsyncStorage', () => {
    it('goes on when the app is started again, until the user logs out', async () => {
        const { auth, items, app } = await startApp();
        await app().api.get('/me');
        const { api, logOut } = app();
        await api.get('/me');

        expect(auth.forms.map(({ refresh_token }) => refresh_token)).toEqual(['first', 'refresh-1']);
        expect(items.getItem('refresh_token')).toBe('refresh-2');

        await logOut();

        expect(items.getItem('refresh_token')).toBeNull();
        await expect(api.get('/me')).rejects.toMatchObject({ code: 'cleared' });
    });
});

const token = { access_token: 'access-1', token_type: 'Bearer' };

// React Native's own words.
const incomplete = /^URL\.\w+ is not implemented$/;

describe('a URL whose origin throws, as that of older React Native without its polyfill', () => {
    it('fails when the creator is attached to an instance with a base', () => {
        replaceGlobals({ URL: UnreadableUrl });

        expect(() => attachTokenCreator(axios.create({ baseURL: 'https://api.example' }), async () => token)).toThrow(
            incomplete,
        );
        expect(() =>
            attachTokenCreator(axios.create(), async () => token, { origins: ['https://api.example'] }),
        ).toThrow(incomplete);
    });

    it('fails each request of an instance without a base, and sends none', async () => {
        const api = await serveApi(serve);
        const client = axios.create({ adapter: native });
        attachTokenCreator(client, async () => token);
        replaceGlobals({ URL: UnreadableUrl });

        await expect(client.get(`${api.url}/me`)).rejects.toThrow(incomplete);
        expect(api.received).toHaveLength(0);
    });
});

async function startClient() {
    const api = await serveApi(serve);
    const other = await serveApi(serve);
    const client = axios.create({ baseURL: api.url, adapter: native, validateStatus: () => true });
    replaceGlobals({ URL: PatternUrl });
    attachTokenCreator(client, async () => token);
    return { api, other, client, own: `127.0.0.1:${api.port}`, foreign: `127.0.0.1:${other.port}` };
}

describe('a URL that only looks for patterns, as that of React Native today without its polyfill', () => {
    it('lets the token go where it should', async () => {
        const { api, client } = await startClient();

        for (const url of ['/me', 'me', '/me?a=1#b', `${api.url}/me`, `${api.url}/a@b`]) await client.get(url);

        expect(new Set(api.authorizations)).toEqual(new Set(['Bearer access-1']));
        expect(api.received).toHaveLength(5);
    });

    it('lets it go nowhere else, however the URL is spelt', async () => {
        const { other, client, own, foreign } = await startClient();
        const spellings = [
            `http://${foreign}/me`,
            `HTTP://${foreign}/me`,
            `http:\\\\${foreign}/me`,
            `http:/${foreign}/me`,
            `//${foreign}/me`,
            `//${foreign}/#x`,
            `\thttp://${foreign}/me`,
            `http://${own}\\@${foreign}/me`,
            `http://${own}@${foreign}/me`,
            `http://${own}:x@${foreign}/me`,
            `http://${foreign}?http://${own}/`,
            `http://${foreign}#@${own}/`,
            `http://${foreign}\\.${own}/`,
        ];

        // Some of them cannot be sent at all.
        for (const url of spellings) {
            await client.get(url).catch(() => undefined);
            await client.get(url, { baseURL: '' }).catch(() => undefined);
        }

        expect(other.received.length).toBeGreaterThan(5);
        expect(new Set(other.authorizations)).toEqual(new Set([undefined]));
    });

    it('keeps it from spellings of the own host that it cannot compare', async () => {
        const { api, client, own } = await startClient();

        await client.get(`HTTP://${own}/me`);

        expect(api.authorizations).toEqual([undefined]);
    });

    it('keeps it from no other request for that', async () => {
        const { api, client } = await startClient();

        await client.get(`${api.url}?x=1`);
        await client.get(`${api.url}/me`);

        expect(api.authorizations).toEqual(['Bearer access-1', 'Bearer access-1']);
    });

    it('has a token endpoint called as it is spelt', async () => {
        replaceGlobals({ URL: PatternUrl });
        const auth = await serveTokens(serve, '/token', () => token);
        const options = { tokenEndpoint: `${auth.url}/token`, client: { adapter: native } };

        await createClientTokenCreator({ id: 'my-client', secret: 'my-secret' }, options)();

        expect(auth.received.map(({ url }) => url)).toEqual(['/token']);
    });
});

async function createToken() {
    const auth = await serveTokens(serve, '/token', () => token);
    const options = { tokenEndpoint: `${auth.url}/token`, client: { adapter: native } };
    const creator = createClientTokenCreator({ id: 'my-client', secret: 'my-secret' }, options);
    const { source } = attachTokenCreator(axios.create({ baseURL: auth.url }), creator);
    return source.getToken();
}

describe('the AbortController of React Native', () => {
    beforeEach(() => {
        replaceGlobals({ AbortController: PlainAbortController, AbortSignal: PlainAbortSignal });
    });

    it('is enough for the creators of this package', async () => {
        expect((await createToken()).value).toBe('access-1');
    });
});
