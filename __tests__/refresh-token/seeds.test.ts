import { setTimeout as delay } from 'node:timers/promises';
import {
    createRefreshTokenCreator,
    createTokenSource,
    type RefreshTokenCreatorOptions,
    type TokenCreator,
    type TokenParameters,
} from '../../src/index.js';
import { contextFor } from '../support/refreshing.js';
import { failOnUnhandledRejections, until } from '../support/servers.js';
import {
    answer,
    grant,
    json,
    reset,
    startTokenEndpointServer,
    type TokenEndpointServer,
} from '../support/token-endpoint-server.js';

failOnUnhandledRejections();

let server: TokenEndpointServer;

beforeEach(async () => {
    server = await startTokenEndpointServer();
});

afterEach(() => server.close());

type First = Parameters<typeof createRefreshTokenCreator>[0]['refreshToken'];

const create = (refreshToken: First, more: RefreshTokenCreatorOptions = {}): TokenCreator =>
    createRefreshTokenCreator({ refreshToken }, { client: { baseURL: server.url }, ...more });
const sent = () => server.requests.map(({ form }) => form['refresh_token']);
const refusal = json({ error: 'invalid_grant' }, { status: 400 });

describe('a string for the first refresh token', () => {
    test('is used once: a refusal is the end of the session', async () => {
        server.reply(refusal, grant());
        const creator = create('r1');

        await expect(creator(contextFor())).rejects.toMatchObject({ error: 'invalid_grant' });
        await expect(creator(contextFor())).rejects.toMatchObject({ name: 'TokenError', code: 'cleared' });
        expect(sent()).toEqual(['r1']);
    });

    test('is kept where nobody knows whether it was refused', async () => {
        server.reply(reset(), answer(undefined, { status: 503 }), grant({ refresh_token: 'r2' }));
        const creator = create('r1');

        await expect(creator(contextFor())).rejects.toMatchObject({ code: 'network' });
        await expect(creator(contextFor())).rejects.toMatchObject({ status: 503 });
        expect(await creator(contextFor())).toMatchObject({ refresh_token: 'r2' });
        expect(sent()).toEqual(['r1', 'r1', 'r1']);
    });

    test('is nobody’s who has a key', async () => {
        const creator = create('r1');

        await expect(creator(contextFor({ key: 'jane' }))).rejects.toMatchObject({ code: 'cleared' });
        expect(sent()).toEqual([]);
        await creator(contextFor());
        expect(sent()).toEqual(['r1']);
    });

    test('serves whoever comes at once, for whatever scope, one after the other', async () => {
        server.reply(...[2, 3, 4].map((number) => grant({ refresh_token: `r${number}` })));
        const creator = create('r1');
        await Promise.all([{ scope: 'a' }, { scope: 'b' }, undefined].map((wanted) => creator(contextFor(wanted))));

        expect(sent()).toEqual(['r1', 'r2', 'r3']);
    });
});

describe('a function for the first refresh token', () => {
    test('is not asked while there is one', async () => {
        server.reply(grant({ refresh_token: 'r2' }), grant({ refresh_token: 'r3' }));
        const read = jest.fn(() => 'r1');
        const creator = create(read);
        await creator(contextFor());
        await creator(contextFor());

        expect(read).toHaveBeenCalledTimes(1);
        expect(sent()).toEqual(['r1', 'r2']);
    });

    test.each([[undefined], ['']])('that gives %j is asked again by the next one', async (nothing) => {
        const stored: (string | undefined)[] = [nothing, 'r1'];
        const creator = create(async () => stored.shift());

        await expect(creator(contextFor())).rejects.toMatchObject({ name: 'TokenError', code: 'cleared' });
        await creator(contextFor());
        expect(sent()).toEqual(['r1']);
    });

    test.each([
        [
            'throws',
            () => {
                throw new Error('locked');
            },
        ],
        ['rejects', () => Promise.reject(new Error('locked'))],
    ])('that %s is the failure, and is asked again by the next one', async (_, fail) => {
        const stored: (() => string | Promise<string>)[] = [fail, () => 'r1'];
        const creator = create(() => stored.shift()?.());

        await expect(creator(contextFor())).rejects.toThrow('locked');
        await creator(contextFor());
        expect(sent()).toEqual(['r1']);
    });

    test('is asked again after a refusal, and another one is used at once', async () => {
        server.reply(refusal, grant({ refresh_token: 's2' }));
        const stored = ['r1', 's1'];
        const creator = create(async () => stored.shift());

        expect(await creator(contextFor())).toMatchObject({ refresh_token: 's2' });
        expect(sent()).toEqual(['r1', 's1']);
    });

    test.each([
        ['the same', 'r1'],
        ['nothing', undefined],
    ])('that gives %s after a refusal leaves that as the answer: a refused one is not sent again', async (_, again) => {
        server.reply(refusal, grant());
        const stored = ['r1', again, again];
        const creator = create(() => stored.shift());

        await expect(creator(contextFor())).rejects.toMatchObject({ error: 'invalid_grant' });
        await expect(creator(contextFor())).rejects.toMatchObject({ code: 'cleared' });
        expect(sent()).toEqual(['r1']);
    });

    test('that gives one refused token after another is asked twice, not for ever', async () => {
        server.reply(refusal);
        let count = 0;
        const creator = create(() => `r${(count += 1)}`);

        await expect(creator(contextFor())).rejects.toMatchObject({ error: 'invalid_grant' });
        expect(sent()).toEqual(['r1', 'r2']);
    });

    test('is asked again after a refusal also by a client whose requests all have a scope', async () => {
        server.reply(refusal, refusal, grant());
        const stored = ['r1'];
        const creator = create(() => stored.at(-1));
        await creator(contextFor({ scope: 'read' })).catch(() => {});
        stored.push('s1'); // the user logged in again
        await creator(contextFor({ scope: 'read' })).catch(() => {});
        await creator(contextFor({ scope: 'read' })).catch(() => {});

        expect(sent()).toContain('s1');
    });

    test('is not asked because of a refusal of parameters that the server names', async () => {
        server.reply(json({ error: 'invalid_scope' }, { status: 400 }), grant({ refresh_token: 'r2' }));
        const creator = create(() => 'r1');

        await expect(creator(contextFor({ scope: 'admin' }))).rejects.toMatchObject({ error: 'invalid_scope' });
        await creator(contextFor());
        expect(sent()).toEqual(['r1', 'r1']);
    });

    test('gives each key its own, and no key that of another', async () => {
        const asked: (TokenParameters | undefined)[] = [];
        const creator = create((parameters) => {
            asked.push(parameters);
            return parameters?.key && `of-${parameters.key}`;
        });
        server.reply(async (response, request) => {
            const owner = request.form['refresh_token']?.replace(/-next$/, '');
            return grant({ refresh_token: `${owner}-next`, access_token: owner })(response, request);
        });
        const source = createTokenSource(creator);
        const keys = ['jane', 'joe', 'ann'];
        const tokens = await Promise.all(keys.map((key) => source.getToken({ parameters: { key } })));

        expect(tokens.map(({ value }) => value)).toEqual(['of-jane', 'of-joe', 'of-ann']);
        expect(asked).toEqual(keys.map((key) => ({ key })));
        await expect(source.getToken()).rejects.toMatchObject({ code: 'cleared' });
        source.clear();
    });

    test('may be slow: whoever is first sends it, the others what came of it', async () => {
        server.reply(...[2, 3, 4].map((number) => grant({ refresh_token: `r${number}` })));
        const delays = [40, 5, 20];
        const creator = create(() => delay(delays.shift(), 'r1'));
        await Promise.all(
            [{ scope: 'a' }, { scope: 'b' }, { scope: 'c' }].map((wanted) => creator(contextFor(wanted))),
        );

        expect(sent()).toEqual(['r1', 'r2', 'r3']);
    });

    test('is read by more keys at a time than there are families: each still has one refresh at a time', async () => {
        let open!: () => void;
        const opened = new Promise<void>((resolve) => (open = resolve));
        let out = 0;
        let most = 0;
        const tokens: string[] = [];
        const creator = create(({ key } = {}) => opened.then(() => `of-${key}`), {
            client: {
                baseURL: server.url,
                adapter: async (config) => {
                    const refreshToken = new URLSearchParams(config.data as string).get('refresh_token') ?? '';
                    tokens.push(refreshToken);
                    if (refreshToken === 'of-jane') most = Math.max(most, (out += 1));
                    await delay(5);
                    if (refreshToken === 'of-jane') out -= 1;
                    return { data: '{"access_token":"x"}', status: 200, statusText: '', headers: {}, config };
                },
            },
        });
        const pending = [creator(contextFor({ key: 'jane', scope: 'a' }))];
        for (let number = 0; number < 1_000; number += 1) pending.push(creator(contextFor({ key: `other-${number}` })));
        pending.push(creator(contextFor({ key: 'jane', scope: 'b' })));
        open();
        await Promise.all(pending);

        expect(tokens.filter((refreshToken) => refreshToken === 'of-jane')).toHaveLength(2);
        expect(most).toBe(1);
    });

    test('that never answers ends no more than the creation that asked', async () => {
        const stored: (() => Promise<string>)[] = [() => new Promise(() => {}), async () => 'r1'];
        const source = createTokenSource(
            create(() => stored.shift()?.()),
            { creationTimeout: 500 },
        );

        await expect(source.getToken()).rejects.toMatchObject({ code: 'timeout' });
        await source.getToken();
        await until(() => server.requests.length === 1);
        expect(sent()).toEqual(['r1']);
    });
});
