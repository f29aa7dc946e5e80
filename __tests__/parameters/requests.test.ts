import axios, { type AxiosInstance, type AxiosRequestConfig, type CreateAxiosDefaults } from 'axios';
import {
    attachTokenCreator,
    createClientTokenCreator,
    parseChallenges,
    type TokenAttachment,
    type TokenEvent,
    type TokenParameters,
} from '../../src/index.js';
import { createPurposefulIssuer, purposeOf, type PurposefulIssuer } from '../support/purposes.js';
import { failOnUnhandledRejections, failureOf } from '../support/servers.js';

failOnUnhandledRejections();

interface Scene {
    issuer: PurposefulIssuer;
    client: AxiosInstance;
    attachment: TokenAttachment;
    events: TokenEvent[];
    /** What the tokens of the requests are for, in the order of sending; `undefined`: there was none. */
    sent: (TokenParameters | undefined)[];
}

function arrange(defaults: CreateAxiosDefaults = {}): Scene {
    const issuer = createPurposefulIssuer();
    const sent: Scene['sent'] = [];
    const events: TokenEvent[] = [];
    const client = axios.create({
        baseURL: 'https://api.example',
        adapter: async (config) => {
            const authorization = config.headers.get('Authorization') as string | undefined;
            const parameters = issuer.parametersOf(authorization);
            sent.push(parameters);
            const status = !authorization || issuer.isFor(authorization, parameters) ? 200 : 401;
            return { status, statusText: '', headers: {}, config, data: '' };
        },
        ...defaults,
    });
    const attachment = attachTokenCreator(client, issuer.creator, { onEvent: (event) => events.push(event) });
    return { issuer, client, attachment, events, sent };
}

const all: TokenParameters = {
    scope: 'read write',
    resource: ['https://a.example', 'https://b.example'],
    audience: 'billing',
    key: 'tenant-a',
    challenge: parseChallenges('Bearer error="insufficient_user_authentication", acr_values="gold"')[0],
};

describe('a request asks for a token by its own parameters', () => {
    it('the creator gets them in its context, and the token goes on that request', async () => {
        const { client, issuer, sent } = arrange();

        await client.get('/me', { tokenCreator: all });

        expect(issuer.contexts[0]?.parameters).toEqual(all);
        expect(sent.map(purposeOf)).toEqual([purposeOf(all)]);
    });

    it('one without any gets the ordinary token, whose creator is told of none', async () => {
        const { client, issuer } = arrange();

        await client.get('/me');
        await client.get('/me', { tokenCreator: undefined });
        await client.get('/me', { tokenCreator: {} });

        expect(issuer.created).toBe(1);
        expect('parameters' in (issuer.contexts[0] ?? {})).toBe(false);
        expect('challenges' in (issuer.contexts[0] ?? {})).toBe(false);
    });

    it.each<[string, TokenParameters, TokenParameters]>([
        ['scope', { scope: 'read' }, { scope: 'write' }],
        ['resource', { resource: 'https://a.example' }, { resource: 'https://b.example' }],
        ['audience', { audience: 'a' }, { audience: 'b' }],
        ['key', { key: 'a' }, { key: 'b' }],
        [
            'challenge',
            { challenge: parseChallenges('Bearer acr_values=a')[0] },
            { challenge: parseChallenges('Bearer')[0] },
        ],
    ])('another %s is another token, in another flight', async (_name, one, other) => {
        const { client, issuer, sent } = arrange();
        const asked = [one, other, undefined, one, other, undefined];

        await Promise.all(asked.map((tokenCreator) => client.get('/me', { tokenCreator })));

        expect(issuer.created).toBe(3);
        expect(sent.map(purposeOf).sort()).toEqual(asked.map(purposeOf).sort());
    });

    it('a refused token is renewed for those parameters alone', async () => {
        const { client, issuer, sent, events } = arrange();
        await client.get('/me', { tokenCreator: { key: 'a' } });
        await client.get('/me', { tokenCreator: { key: 'b' } });
        issuer.revoke();
        events.length = 0;

        await client.get('/me', { tokenCreator: { key: 'a' } });

        expect(sent.map((parameters) => parameters?.key)).toEqual(['a', 'b', 'a', 'a']);
        expect(issuer.contexts[2]).toMatchObject({
            reason: 'rejected',
            previous: { access_token: 'token-1' },
            parameters: { key: 'a' },
        });
        expect(events.map(({ type, ...event }) => [type, 'parameters' in event && event.parameters])).toEqual(
            ['rejected', 'creating', 'created', 'replayed'].map((type) => [type, { key: 'a' }]),
        );
    });

    it.each<[string, unknown]>([
        ['true', true],
        ['null', null],
        ['a string', 'read'],
        ['a list', ['read']],
        ['an unknown field', { scopes: 'read' }],
        ['a scope that is a list', { scope: ['read'] }],
        ['a function', () => ({ key: 'a' })],
    ])('%s fails as a TypeError, and nothing is sent or created', async (_name, tokenCreator) => {
        const { client, issuer, sent } = arrange();

        const error = await failureOf(client.get('/me', { tokenCreator } as AxiosRequestConfig));

        expect(error).toBeInstanceOf(TypeError);
        expect([sent.length, issuer.created]).toEqual([0, 0]);
    });
});

describe('axios merges the defaults of an instance and the config of a request', () => {
    const audience = 'billing';

    it.each<[string, TokenParameters | false, AxiosRequestConfig['tokenCreator'], TokenParameters | undefined]>([
        ['the defaults hold where a request says nothing', { audience }, undefined, { audience }],
        ['a request adds to them', { audience }, { scope: 'read' }, { audience, scope: 'read' }],
        ['a request replaces a field', { audience }, { audience: 'other' }, { audience: 'other' }],
        ['a list replaces a list', { audience: ['a', 'b'] }, { audience: ['c'] }, { audience: 'c' }],
        ['a request takes a field back', { audience, key: 'a' }, { audience: undefined }, { key: 'a' }],
        ['a request takes the only field back', { audience }, { audience: undefined }, {}],
        ['a request goes without a token', { audience }, false, undefined],
        ['a request asks for one where the defaults say none', false, { audience }, { audience }],
        ['an empty object asks for the ordinary one where the defaults say none', false, {}, {}],
    ])('%s', async (_name, byDefault, tokenCreator, expected) => {
        const { client, sent } = arrange({ tokenCreator: byDefault });

        await client.get('/me', { tokenCreator });

        expect(sent.map((parameters) => parameters && purposeOf(parameters))).toEqual([
            expected && purposeOf(expected),
        ]);
    });

    it('neither is changed by it', async () => {
        const byDefault = { audience: ['a'] };
        const own = { resource: ['https://a.example'] };
        const { client } = arrange({ tokenCreator: byDefault });

        const { config } = await client.get('/me', { tokenCreator: own });

        expect(config.tokenCreator).toEqual({ ...byDefault, ...own });
        expect([byDefault, own]).toEqual([{ audience: ['a'] }, { resource: ['https://a.example'] }]);
    });

    it('a config that comes round again asks for the same token', async () => {
        const { client, issuer, sent } = arrange();
        const { config } = await client.get('/me', { tokenCreator: all });

        await client.request(config);

        expect(sent.map(purposeOf)).toEqual([purposeOf(all), purposeOf(all)]);
        expect(issuer.created).toBe(1);
    });

    it('an interceptor may say what the token is for', async () => {
        const { client, sent } = arrange();
        client.interceptors.request.use((config) => Object.assign(config, { tokenCreator: { key: config.url } }));

        await Promise.all([client.get('a'), client.get('b'), client.get('a')]);

        expect(sent.map(purposeOf).sort()).toEqual(['a', 'a', 'b'].map((key) => purposeOf({ key })));
    });
});

it('getToken gives the token of its parameters, which requests for the same share', async () => {
    const { attachment, client, issuer } = arrange();

    const token = await attachment.source.getToken({ parameters: { audience: ['b', 'a'] } });
    await client.get('/me', { tokenCreator: { audience: ['a', 'b'] } });

    expect(issuer.created).toBe(1);
    expect(attachment.source.current({ audience: ['a', 'b', 'a'] })).toBe(token);
    expect(attachment.source.current()).toBeUndefined();
});

it('creators of this package send the parameters of a request instead of their own options, and never the key', async () => {
    const asked: unknown[] = [];
    const endpoint = axios.create({
        baseURL: 'https://auth.example',
        adapter: async (config) => {
            asked.push([...new URLSearchParams(String(config.data))].filter(([name]) => !/^(client|grant)/.test(name)));
            const data = JSON.stringify({ access_token: 'a', token_type: 'Bearer' });
            const headers = { 'content-type': 'application/json' };
            return { status: 200, statusText: '', headers, config, data };
        },
    });
    const creator = createClientTokenCreator(
        { id: 'x', secret: 'y' },
        { client: endpoint, scope: 'read', audience: 'a' },
    );
    const client = axios.create({
        baseURL: 'https://api.example',
        adapter: async (config) => ({ status: 200, statusText: '', headers: {}, config, data: '' }),
    });
    attachTokenCreator(client, creator);

    await client.get('/', { tokenCreator: { key: 'tenant', audience: ['b', 'c'] } });
    await client.get('/', { tokenCreator: { scope: 'write', resource: 'https://r.example' } });

    expect(asked).toEqual([
        [
            ['scope', 'read'],
            ['audience', 'b'],
            ['audience', 'c'],
        ],
        [
            ['scope', 'write'],
            ['resource', 'https://r.example'],
            ['audience', 'a'],
        ],
    ]);
});
