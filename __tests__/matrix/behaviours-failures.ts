import { check, equal, failureOf, type Behaviour, type Scene } from './scene.js';
import { createClient, open, openRefused, openStage, type StageSettings } from './stage.js';

const SECRET = 'do-not-tell';

/** A client of the client credentials grant, whose token endpoint answers with an error. */
async function openFailing(scene: Scene, settings: StageSettings) {
    const stage = openStage(scene);
    await stage.set(settings);
    const credentials = { id: 'me', secret: SECRET };
    const creator = scene.library.createClientTokenCreator(credentials, { client: createClient(scene) });
    return { ...open(scene, { creator }), ...stage };
}

/** All that is told of something, by the ways in which it is mostly logged. */
function told(value: { headers?: unknown; config?: { headers?: unknown } } | undefined): string {
    const shallow: unknown[] = [];
    JSON.stringify({ ...value, request: undefined }, (_, part: unknown) => {
        shallow.push(typeof part === 'function' ? '' : part);
        return typeof part === 'object' && part !== null && shallow.length > 5_000 ? undefined : part;
    });
    const strings = shallow.filter((part) => typeof part === 'string');
    return [...strings, String(value?.config?.headers), JSON.stringify(value?.config?.headers)].join('\n');
}

/** Creators that fail, and what errors and answers tell. */
export const failureBehaviours: readonly Behaviour[] = [
    {
        name: "a creator's failure reaches all who wait as it is",
        async run(scene) {
            const reason = new Error('no token today');
            const { client, log } = open(scene, { creator: () => Promise.reject(reason) });
            const errors = await Promise.all([1, 2, 3].map((index) => failureOf(client.get(`/${index}`))));
            check(
                errors.every((error) => error === reason),
                'the very error of the creator',
            );
            equal((await log()).received.length, 0, 'requests');
        },
    },
    {
        name: 'the client credentials grant gives a token',
        async run(scene) {
            const { client, log, authorizations } = await openFailing(scene, {});
            equal((await client.get('/me')).status, 200);
            const [request] = (await log()).received;
            const text = `grant_type=client_credentials&client_id=me&client_secret=${SECRET}`;
            equal([request?.method, request?.text], ['POST', text]);
            equal(await authorizations(), ['Bearer token-1']);
        },
    },
    {
        name: 'a client that the token endpoint refuses gets TokenEndpointError, without its secret',
        async run(scene) {
            const { client, requests } = await openFailing(scene, {
                tokenStatus: 401,
                tokenError: { error: 'invalid_client', error_description: `not with ${SECRET}` },
            });
            const error = await failureOf(client.get('/me'));
            check(error instanceof scene.library.TokenEndpointError, `TokenEndpointError, not ${String(error)}`);
            equal([error.status, error.error], [401, 'invalid_client']);
            const text = `${String(error)} ${JSON.stringify(error)} ${error.stack}`;
            check(!text.includes(SECRET), 'no secret in the error');
            equal((await requests()).length, 0, 'requests');
        },
    },
    {
        name: 'a token endpoint that is overloaded says when to come again, and is left in peace until then',
        async run(scene) {
            const { client, created } = await openFailing(scene, {
                tokenStatus: 503,
                tokenHeaders: { 'retry-after': '7' },
            });
            const errors = [await failureOf(client.get('/1')), await failureOf(client.get('/2'))];
            equal(
                errors.map(({ status, retryAfter }) => [status, retryAfter]),
                [
                    [503, 7000],
                    [503, 7000],
                ],
            );
            equal(await created(), 1, 'token requests');
        },
    },
    {
        name: 'an answer tells no token, by its config, its headers or JSON',
        async run(scene) {
            const { client } = await openRefused(scene);
            const response = await client.post('/me', { a: 1 });
            equal(response.status, 200);
            check(response.config.url === '/me' && Boolean(response.config.headers), 'the config of the request');
            check(!/token-\d/.test(told(response)), 'no token in the answer');
        },
    },
    {
        name: 'an error tells no token, by its config, its headers or JSON',
        async run(scene) {
            const { client } = open(scene);
            const error = await failureOf(client.post('/never', { a: 1 }));
            check(error.config?.url === '/never' && Boolean(error.config.headers), 'the config of the request');
            const texts = [told(error), told(error.response), JSON.stringify(error), String(error), error.stack];
            check(!/token-\d/.test(texts.join('\n')), 'no token in the error');
        },
    },
    {
        name: 'the defaults of the instance and the config of the caller stay as they are',
        async run(scene) {
            const client = createClient(scene, { headers: { 'X-Default': '1' } });
            const snapshot = (): string => JSON.stringify([client.defaults.headers, client.defaults.adapter]);
            const before = snapshot();
            scene.library.attachTokenCreator(client, openStage(scene).creator);
            const config = { headers: { 'X-Own': 'yes' }, params: { a: 1 } };
            await client.get('/me', config);
            equal([snapshot(), config], [before, { headers: { 'X-Own': 'yes' }, params: { a: 1 } }]);
        },
    },
];
