import axios, { type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import {
    attachTokenCreator,
    createTokenSource,
    parseChallenges,
    type TokenEvent,
    type TokenParameters,
    type TokenSource,
} from '../../src/index.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import { createPurposefulIssuer, purposeOf, type PurposefulIssuer } from '../support/purposes.js';

failOnUnhandledRejections();

interface Scene {
    issuer: PurposefulIssuer;
    source: TokenSource;
    events: TokenEvent[];
    /** What the token that is got for the parameters was created for. */
    boughtFor: (parameters?: TokenParameters) => Promise<string>;
}

function arrange(): Scene {
    const issuer = createPurposefulIssuer();
    const events: TokenEvent[] = [];
    const source = createTokenSource(issuer.creator, { onEvent: (event) => events.push(event) });
    return {
        issuer,
        source,
        events,
        async boughtFor(parameters) {
            const { type, value } = await source.getToken({ parameters });
            return purposeOf(issuer.parametersOf(`${type} ${value}`));
        },
    };
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

describe('what a caller does to its parameters after the call changes no token', () => {
    it('an object that is used again for another', async () => {
        const { boughtFor } = arrange();
        const mine: TokenParameters = { key: 'a' };

        const first = boughtFor(mine);
        mine.key = 'b';
        const second = boughtFor(mine);

        expect(await Promise.all([first, second])).toEqual([purposeOf({ key: 'a' }), purposeOf({ key: 'b' })]);
        expect(await boughtFor({ key: 'a' })).toBe(purposeOf({ key: 'a' }));
    });

    it.each(['resource', 'audience'] as const)('a list that grows: %s', async (name) => {
        const { source, boughtFor } = arrange();
        const list = ['https://a.example'];
        const token = await source.getToken({ parameters: { [name]: list } });

        list.push('https://b.example');
        // The next one for a alone.
        source.reject(token, { status: 401 });

        expect(await boughtFor({ [name]: 'https://a.example' })).toBe(purposeOf({ [name]: 'https://a.example' }));
    });

    it('a challenge that becomes another one', async () => {
        const { source, boughtFor } = arrange();
        const given = { scheme: 'bearer', parameters: { acr_values: 'silver' } };
        const token = await source.getToken({ parameters: { challenge: given } });

        given.parameters.acr_values = 'gold';
        source.reject(token, { status: 401 });

        const silver = { challenge: { scheme: 'bearer', parameters: { acr_values: 'silver' } } };
        expect(await boughtFor(silver)).toBe(purposeOf(silver));
    });
});

describe('what is told of parameters may be changed by those who hear of it, and no token is another then', () => {
    it('a listener that writes on an event', async () => {
        const { source, boughtFor } = arrange();
        source.subscribe((event) => {
            const { parameters } = event as { parameters?: Mutable<TokenParameters> };
            // In sloppy mode, and by Reflect, nothing is thrown where it is frozen.
            if (parameters) Reflect.set(parameters, 'key', 'b');
        });
        const token = await source.getToken({ parameters: { key: 'a' } });

        source.reject(token, { status: 401 });

        expect(await boughtFor({ key: 'a' })).toBe(purposeOf({ key: 'a' }));
    });

    it('a creator that writes on its context', async () => {
        const issuer = createPurposefulIssuer();
        const source = createTokenSource(async (context) => {
            const grant = await issuer.creator(context);
            Reflect.set(context?.parameters ?? {}, 'key', 'b');
            const { resource } = context?.parameters ?? {};
            if (Array.isArray(resource) && !Object.isFrozen(resource)) resource.push('https://b.example');
            return grant;
        });
        const parameters = { key: 'a', resource: ['https://a.example'] };
        source.reject(await source.getToken({ parameters }), { status: 401 });
        const asked = { key: 'a', resource: 'https://a.example' };

        const { type, value } = await source.getToken({ parameters: asked });

        expect(purposeOf(issuer.parametersOf(`${type} ${value}`))).toBe(purposeOf(asked));
    });
});

class Tenant {
    readonly #name: string;
    constructor(name: string) {
        this.#name = name;
    }
    get key(): string {
        return this.#name;
    }
}

describe('parameters are read once: what the token is kept by is what the creator gets', () => {
    it('a getter that says something else each time', async () => {
        const { issuer, source } = arrange();
        let reads = 0;
        const fickle = {
            get key() {
                return `tenant-${(reads += 1)}`;
            },
        };

        await source.getToken({ parameters: fickle });

        const got = issuer.contexts[0]?.parameters?.key ?? '';
        expect(got).toMatch(/^tenant-\d$/);
        // It is this one's token, and nobody else's.
        for (const key of ['tenant-1', 'tenant-2', 'tenant-3', 'tenant-4'])
            expect([key, source.current({ key }) !== undefined]).toEqual([key, key === got]);
    });

    it.each<[name: string, parameters: TokenParameters]>([
        ['a getter of a class', new Tenant('a')],
        ['a prototype that holds them', Object.create({ key: 'a' }) as TokenParameters],
    ])('%s: either the creator gets it, or it does not count', async (_name, parameters) => {
        const { issuer, source } = arrange();

        const token = await source.getToken({ parameters }).catch(() => undefined);

        const got = issuer.contexts[0]?.parameters;
        expect(token === undefined).toBe(issuer.created === 0);
        // What is there is the token of tenant a only if the creator was told of tenant a.
        expect(source.current({ key: 'a' }) !== undefined).toBe(got?.key === 'a');
    });
});

describe('two that ask for the same get the same, whoever comes first', () => {
    it.each<[string, TokenParameters, TokenParameters]>([
        ['fields that are undefined', { key: 'a', scope: undefined, audience: undefined }, { key: 'a' }],
        ['empty lists', { key: 'a', resource: [], audience: [] }, { key: 'a' }],
        ['a scope of spaces', { key: 'a', scope: ' ' }, { key: 'a' }],
    ])(
        'the creator is told of nothing that does not count, for it would switch off an option of its own: %s',
        async (_name, given, same) => {
            const { issuer, source } = arrange();
            expect(purposeOf(given)).toBe(purposeOf(same));

            const token = await source.getToken({ parameters: given });

            expect(await source.getToken({ parameters: same })).toBe(token);
            expect(issuer.contexts.map(({ parameters }) => Object.entries(parameters ?? {}))).toEqual([[['key', 'a']]]);
        },
    );
});

/** A client of an API that wants a token of tenant a. */
function clientOfTenantA(seen: (string | undefined)[], issuer: PurposefulIssuer, onSend: () => void): AxiosInstance {
    return axios.create({
        baseURL: 'https://api.example',
        adapter: async (config: InternalAxiosRequestConfig) => {
            const authorization = config.headers.get('Authorization') as string | undefined;
            seen.push(issuer.parametersOf(authorization)?.key);
            await Promise.resolve();
            onSend();
            return {
                status: issuer.isFor(authorization, { key: 'a' }) ? 200 : 401,
                statusText: '',
                headers: {},
                config,
                data: '',
            };
        },
    });
}

describe('parameters that an interceptor put on a config are read when the request is sent', () => {
    it('one shared object that says another tenant by now: the replay is for the tenant of the request', async () => {
        const seen: (string | undefined)[] = [];
        const issuer = createPurposefulIssuer();
        const tenant = { key: 'a' };
        const api = clientOfTenantA(seen, issuer, () => (tenant.key = 'b'));
        const { source } = attachTokenCreator(api, issuer.creator);
        api.interceptors.request.use((config) => Object.assign(config, { tokenCreator: tenant }));
        await source.getToken({ parameters: { key: 'a' } });
        issuer.revoke();

        const { status } = await api.get('/me');

        expect(seen).toEqual(['a', 'a']);
        expect(status).toBe(200);
    });

    it('the replay of a step-up is for the tenant of the request as well', async () => {
        const issuer = createPurposefulIssuer();
        const source = createTokenSource(issuer.creator);
        const tenant = { key: 'a', resource: ['https://a.example'] };
        const token = await source.getToken({ parameters: tenant });
        tenant.key = 'b';
        tenant.resource.push('https://b.example');
        const challenges = parseChallenges('Bearer error="insufficient_user_authentication", acr_values="gold"');

        const parameters = source.reject(token, { status: 401, challenges })?.parameters;

        expect(parameters).toEqual({ key: 'a', resource: ['https://a.example'], challenge: challenges[0] });
    });
});
