import type { AxiosRequestConfig } from 'axios';
import { alone, answerOf, equal, failureOf, isBefore, type AxiosFault, type Behaviour, type Scene } from './scene.js';
import { createClient, open, openPlain, openStage, type Received } from './stage.js';

const BASIC = 'Basic bWU6c2VjcmV0';

/** A request that gets no token, and whose 401 is its answer. */
function isLeftAlone(name: string, config: AxiosRequestConfig, sent: string | null): Behaviour {
    return {
        name: `a request is left alone: ${name}`,
        async run(scene) {
            const { client, authorizations, created } = open(scene);
            const response = answerOf(await failureOf(client.get('/me', config)));
            equal([response?.status, await authorizations(), await created()], [401, [sent], 0]);
        },
    };
}

/** @param config - leads to the other origin */
function getsNoToken(name: string, config: (scene: Scene) => AxiosRequestConfig): Behaviour {
    return {
        name: `the token does not go to another origin: ${name}`,
        async run(scene) {
            const { client, requests } = open(scene);
            await client.get('/here');
            const { status } = await client.request(config(scene));
            equal(
                (await requests()).map(({ origin, path, authorization }) => [origin, path, authorization]),
                [
                    [new URL(scene.url).origin, '/here', 'Bearer token-1'],
                    [new URL(scene.elsewhere).origin, '/public', null],
                ],
            );
            equal(status, 200);
        },
    };
}

/** Without the token, and what a connection that is used again has otherwise. */
function comparable(headers: Received['headers']): string[] {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
    return lines.filter((line) => !/^(authorization|connection):/.test(line)).sort();
}

const pathOf = (url: string): string => new URL(url).pathname;

const ignoresAllowAbsoluteUrls: AxiosFault = {
    why: 'axios before 1.8 does not know allowAbsoluteUrls, and sends the request to the other origin',
    concerns: ({ axios }) => isBefore(axios, '1.8'),
    async control(scene) {
        const { client, requests } = await openPlain(scene);
        await client.get(`${scene.elsewhere}/public`, { allowAbsoluteUrls: false }).catch(() => undefined);
        equal((await requests())[0]?.origin, new URL(scene.url).origin, 'origin');
    },
};

/** Requests that carry no token, or another one. */
export const leftAloneBehaviours: readonly Behaviour[] = [
    isLeftAlone('tokenCreator: false', { tokenCreator: false }, null),
    isLeftAlone('an Authorization of its own', { headers: { authorization: 'Bearer own' } }, 'Bearer own'),
    isLeftAlone('auth', { auth: { username: 'me', password: 'secret' } }, BASIC),
    {
        name: 'a request is left alone: an Authorization that an interceptor sets',
        async run(scene) {
            const { client, authorizations, created } = open(scene);
            client.interceptors.request.use((config) => {
                config.headers.set('Authorization', 'Bearer own');
                return config;
            });
            await failureOf(client.get('/me'));
            equal([await authorizations(), await created()], [['Bearer own'], 0]);
        },
    },
    getsNoToken('an absolute URL', ({ elsewhere }) => ({ url: `${elsewhere}/public` })),
    {
        ...getsNoToken('a protocol-relative URL', ({ elsewhere }) => ({
            url: `${elsewhere}/public`.replace('http:', ''),
        })),
        inapplicable: ({ adapter, runtime }) =>
            runtime === 'chromium' ? undefined : `without a page, ${adapter} has no protocol to complete it with`,
    },
    getsNoToken("a request's own baseURL", ({ elsewhere }) => ({ url: '/public', baseURL: elsewhere })),
    {
        ...getsNoToken('a redirect', ({ url, elsewhere }) => ({
            url: '/public',
            baseURL: url,
            params: { to: `${elsewhere}/public` },
        })),
        async run(scene) {
            const { client, requests } = open(scene);
            // A token is there before, so that the redirect is the only request that it was created for.
            await client.get('/here');
            const to = encodeURIComponent(`${scene.elsewhere}/public`);
            equal((await client.get(`/redirect?to=${to}`)).status, 200);
            equal(
                (await requests()).map(({ origin, authorization }) => [origin, authorization]),
                [
                    [new URL(scene.url).origin, 'Bearer token-1'],
                    [new URL(scene.url).origin, 'Bearer token-1'],
                    [new URL(scene.elsewhere).origin, null],
                ],
            );
        },
    },
    {
        name: 'a redirect within the origin keeps the token',
        async run(scene) {
            const { client, authorizations } = open(scene);
            const to = encodeURIComponent(`${pathOf(scene.url)}/there`);
            equal((await client.get(`/redirect?to=${to}`)).status, 200);
            equal(await authorizations(), ['Bearer token-1', 'Bearer token-1']);
        },
    },
    {
        name: 'with allowAbsoluteUrls: false an absolute URL is a path of the own origin, and gets the token',
        axiosFaults: [ignoresAllowAbsoluteUrls],
        async run(scene) {
            const { client } = open(scene);
            const { requests } = openStage(scene);
            await client.get(`${scene.elsewhere}/public`, { allowAbsoluteUrls: false }).catch(() => undefined);
            const [first] = await requests();
            equal([first?.origin, first?.authorization], [new URL(scene.url).origin, 'Bearer token-1']);
        },
    },
    {
        name: 'with allowAbsoluteUrls: false no token goes to another origin',
        async run(scene) {
            const { client, requests } = open(scene);
            await client.get(`${scene.elsewhere}/public`, { allowAbsoluteUrls: false }).catch(() => undefined);
            const elsewhere = (await requests()).filter(({ origin }) => origin !== new URL(scene.url).origin);
            equal([...new Set(elsewhere.map(({ authorization }) => authorization))].filter(Boolean), []);
        },
    },
    {
        name: 'getUri and the headers of the user are as they are without the package',
        async run(scene) {
            const plain = await openPlain(alone(scene));
            const { client, requests } = open(scene);
            const request = {
                url: '/a b/me',
                params: { q: ['1', '&'] },
                headers: { 'X-Own': 'yes', Accept: 'text/plain' },
            };
            equal(client.getUri(request), createClient(scene).getUri(request), 'URI');
            await plain.client.request(request);
            await client.request(request);
            const [bare, attached] = (await requests()).map(({ path, headers }) => [path, comparable(headers)]);
            equal(attached, bare, 'request');
        },
    },
];
