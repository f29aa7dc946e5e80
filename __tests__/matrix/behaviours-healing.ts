import type { InternalAxiosRequestConfig } from 'axios';
import { alone, answerOf, check, equal, failureOf, type Behaviour } from './scene.js';
import { open, openPlain, openRefused } from './stage.js';

/** What becomes of an answer that refuses the token. */
export const healingBehaviours: readonly Behaviour[] = [
    {
        name: 'a request whose token is refused is sent again with another one',
        async run(scene) {
            const { client, authorizations } = await openRefused(scene);
            const { status, data } = await client.get<{ path: string }>('/me?a=1', { params: { b: 'ü' } });
            equal([status, data.path], [200, '/me?a=1&b=%C3%BC']);
            equal(await authorizations(), ['Bearer token-1', 'Bearer token-2']);
        },
    },
    {
        name: '50 requests that meet a 401 together cost one token',
        async run(scene) {
            const { client, created } = await openRefused(scene);
            const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => client.get(`/me/${index}`)));
            equal([...new Set(answers.map(({ status }) => status))], [200], 'statuses');
            equal(await created(), 2, 'tokens created');
        },
    },
    {
        name: 'a 401 that comes late, for a token already replaced, costs none',
        async run(scene) {
            const { client, hold, release, arrival, revoke, created, requests, attachment } = open(scene);
            await client.get('/first');
            // The token endpoint waits as well, hence the token that is there before.
            await hold();
            const late = client.get('/held');
            await arrival('/held');
            await revoke();
            const prompt = client.get('/prompt');
            await arrival('/token', 2);
            const renewed = attachment.source.getToken();
            await release();
            const statuses = (await Promise.all([late, prompt])).map(({ status }) => status);
            equal([statuses, (await renewed).value, await created()], [[200, 200], 'token-2', 2]);
            equal((await requests()).filter(({ path }) => path === '/held').length, 2, 'requests to /held');
        },
    },
    {
        name: 'a second 401 is the answer',
        async run(scene) {
            const { client, authorizations, created } = open(scene);
            const response = answerOf(await failureOf(client.get('/never')));
            equal(response?.status, 401, 'status');
            equal([await authorizations(), await created()], [['Bearer token-1', 'Bearer token-2'], 2]);
        },
    },
    {
        name: 'a 401 for insufficient_scope is the answer, costs no token, and the one that is there stays',
        async run(scene) {
            const { client, requests, created, attachment } = open(scene);
            await client.get('/first');
            const response = answerOf(await failureOf(client.get('/scope')));
            equal(response?.status, 401, 'status');
            equal([(await requests()).length, await created(), attachment.source.current()?.value], [2, 1, 'token-1']);
        },
    },
    {
        name: 'interceptors of the user run once, before and after, and see no 401 that is healed',
        async run(scene) {
            const { client } = await openRefused(scene);
            const seen: string[] = [];
            client.interceptors.request.use((config) => {
                seen.push('request');
                return config;
            });
            client.interceptors.response.use(
                (response) => {
                    seen.push(`response ${response.status}`);
                    return response;
                },
                (error: unknown) => {
                    seen.push('failure');
                    throw error;
                },
            );
            await client.get('/me');
            equal(seen, ['request', 'response 200']);
        },
    },
    {
        name: 'asynchronous request interceptors run once as well',
        async run(scene) {
            const { client, requests } = await openRefused(scene);
            let runs = 0;
            client.interceptors.request.use(async (config) => {
                runs += 1;
                await Promise.resolve();
                config.headers.set('X-Run', String(runs));
                return config;
            });
            equal((await client.get('/me')).status, 200);
            equal([runs, (await requests()).map(({ headers }) => headers['x-run'])], [1, ['1', '1']]);
        },
    },
    {
        name: 'transformRequest and transformResponse run once',
        async run(scene) {
            const { client, requests } = await openRefused(scene);
            const { data } = await client.post<string>('/me', 'x', {
                transformRequest: (sent: string) => `<${sent}>`,
                transformResponse: (received: string) => `[${received}]`,
            });
            check(data.startsWith('[{') && data.endsWith('}]'), `one pair of brackets in ${data}`);
            equal(
                (await requests()).map(({ text }) => text),
                ['<x>', '<x>'],
            );
        },
    },
    {
        name: 'a response interceptor that unwraps the data unwraps it once',
        async run(scene) {
            const { client } = await openRefused(scene);
            client.interceptors.response.use((response) => response.data as never);
            equal(await client.get<unknown, { path?: string }>('/me').then(({ path }) => path), '/me');
        },
    },
    {
        name: 'a 401 that validateStatus lets through is healed',
        async run(scene) {
            const { client, authorizations } = await openRefused(scene, { defaults: { validateStatus: () => true } });
            equal((await client.get('/me')).status, 200);
            equal(await authorizations(), ['Bearer token-1', 'Bearer token-2']);
        },
    },
    {
        name: 'an error of axios is the one that axios alone gives',
        async run(scene) {
            const plain = await openPlain(alone(scene));
            const { client } = open(scene);
            const facts = async (request: Promise<unknown>): Promise<unknown> => {
                const error = await failureOf(request);
                const { name, message, code, response } = error;
                return [scene.axios.isAxiosError(error), name, message, code, response?.status, response?.data];
            };
            equal(await facts(client.get('/never')), await facts(plain.client.get('/never')));
        },
    },
    {
        name: 'a config that failed, sent again, carries the current token and is wrapped once',
        async run(scene) {
            const { client, requests, revoke } = open(scene);
            const { config } = await failureOf(client.post('/never', { a: 1 }));
            equal(config?.adapter, scene.adapter, 'adapter');
            await revoke();
            const again = { ...config, url: '/me' } as InternalAxiosRequestConfig;
            equal((await client.request(again)).status, 200);
            const sent = (await requests()).map(({ authorization, text }) => [authorization, text]);
            equal(
                sent,
                [1, 2, 2, 3].map((number) => [`Bearer token-${number}`, '{"a":1}']),
            );
        },
    },
];
