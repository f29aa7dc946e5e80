import { inspect } from 'node:util';
import axios, { type AxiosRequestConfig } from 'axios';
import * as root from '../../src/index.js';
import * as dpopEntry from '../../src/dpop/index.js';
import * as jwtEntry from '../../src/jwt/index.js';
import * as redisEntry from '../../src/redis/index.js';
import * as sharedEntry from '../../src/shared/index.js';
import * as tabsEntry from '../../src/tabs/index.js';
import type { TestKey } from '../support/openid-provider.js';

/** Known secrets; none is contained in another one, and each encoding spells them in its own way. */
export const PLANTED = {
    clientSecret: 'canary-client {secret} of 32 bytes: $& +\t=?/~"\\ä',
    password: 'canary-päss "word"\\/+ &<%> !*~()\'',
    robotSecret: 'canary-robot-secret+/=',
    authPassword: 'canary-auth-password',
    refreshToken: 'canary-first.refresh+token/~==',
    previousToken: 'canary-previous-access-token',
    previousRefreshToken: 'canary-previous-refresh-token',
    previousIdToken: 'canary-previous.id.token',
    assertion: 'canary-assertion.body.tail',
    subjectToken: '<canary subject="token">&ä',
    actorToken: 'canary-actor-token',
    otp: '123 canary+456',
    token: 'canary-token-to-revoke',
    redisPassword: 'canary-redis-password',
    shareKey: 'canary-share-key',
};

/** Where requests go, and what the things of this package are made with. */
export interface Stage {
    readonly client: AxiosRequestConfig;
    readonly keys: { readonly ec: TestKey; readonly rsa: TestKey };
    /** Is told of every event. */
    readonly onEvent: (event: unknown) => void;
}

/** What a function of this package made of secrets: what may be printed, and what can be run, to see how it fails. */
export interface Planted {
    readonly holders: readonly unknown[];
    readonly runs?: readonly (() => Promise<unknown>)[];
}

/** How an export gets its canaries, or why it needs none. */
export type Planting = ((stage: Stage) => Planted | Promise<Planted>) | string;

const P = PLANTED;

/** The creator, asked again, and through a source that tells of its events. */
function planted(create: root.TokenCreator, { onEvent }: Stage, options: root.TokenSourceOptions = {}): Planted {
    const source = root.createTokenSource(create, { ...options, onEvent });
    const previous = {
        access_token: P.previousToken,
        token_type: 'Bearer',
        refresh_token: P.previousRefreshToken,
        id_token: P.previousIdToken,
    };
    const context = { reason: 'expired', previous, signal: new AbortController().signal } as const;
    return { holders: [create, source], runs: [() => create(context), () => source.getToken()] };
}

function byClient(clientAuthentication: root.ClientAuthentication): Planting {
    return (stage) => {
        const options = { client: stage.client, clientAuthentication, extraParameters: { otp: P.otp } };
        const create = root.createClientTokenCreator({ id: 'an-id', secret: P.clientSecret }, options);
        return merged(planted(create, stage), { holders: [clientAuthentication] });
    };
}

function merged(...all: Planted[]): Planted {
    return { holders: all.flatMap(({ holders }) => holders), runs: all.flatMap(({ runs = [] }) => runs) };
}

const grantOfCanaries: root.TokenCreator = async () => ({
    access_token: P.previousToken,
    token_type: 'Bearer',
    refresh_token: P.previousRefreshToken,
    id_token: P.previousIdToken,
});

function tell(...given: unknown[]): Promise<never> {
    const text = `NOAUTH ${P.redisPassword} ${inspect(given, { depth: Infinity, maxStringLength: Infinity })}`;
    return Promise.reject(Object.assign(new Error(text, { cause: given }), { command: { args: given, text } }));
}

const noLogin: root.TokenCreator = async () => Promise.reject(new root.TokenError('network', 'no login'));

/** A Redis whose errors repeat the command, and the password of the connection. */
function tellingRedis(): redisEntry.NodeRedisClient {
    return { eval: tell, duplicate: () => ({ on: tell, connect: tell, subscribe: tell, unsubscribe: tell }) };
}

function sharing(share: (create: root.TokenCreator, onEvent: Stage['onEvent']) => root.TokenCreator): Planting {
    return (stage) => {
        const user = { name: 'admin', password: P.password };
        const failing = share(root.createUserTokenCreator(user, { client: stage.client }), stage.onEvent);
        const succeeding = share(grantOfCanaries, stage.onEvent);
        return merged(planted(failing, stage), planted(succeeding, stage));
    };
}

const known = (stage: Stage) => ({ client: stage.client, clientId: 'an-id', clientSecret: P.clientSecret });
const READS_NO_SECRET = 'looks at an answer of a resource server, and keeps nothing';
const IS_AN_ERROR = 'an error class: the test asks that faults make one of each';

export const FACTORIES: Readonly<Record<string, { readonly exports: object; readonly by: Record<string, Planting> }>> =
    {
        '.': {
            exports: root,
            by: {
                attachTokenCreator: async ({ onEvent }) => {
                    const client = axios.create({ baseURL: 'http://127.0.0.1:1' });
                    const attachment = root.attachTokenCreator(client, grantOfCanaries, { onEvent });
                    await attachment.source.getToken();
                    return { holders: [attachment, client, client.interceptors] };
                },
                createTokenSource: async (stage) => {
                    const { holders, runs } = planted(grantOfCanaries, stage);
                    const source = root.createTokenSource(grantOfCanaries);
                    return {
                        holders: [...holders, source, await source.getToken(), source.current()],
                        runs: runs ?? [],
                    };
                },
                createClientTokenCreator: byClient(root.clientSecretPost),
                createUserTokenCreator: (stage) =>
                    planted(root.createUserTokenCreator({ name: 'admin', password: P.password }, known(stage)), stage),
                createRobotTokenCreator: (stage) =>
                    planted(
                        root.createRobotTokenCreator({ id: 'an-id', secret: P.robotSecret }, { client: stage.client }),
                        stage,
                    ),
                createRefreshTokenCreator: (stage) =>
                    planted(root.createRefreshTokenCreator({ refreshToken: P.refreshToken }, known(stage)), stage),
                createJwtBearerTokenCreator: (stage) =>
                    planted(root.createJwtBearerTokenCreator({ assertion: P.assertion }, known(stage)), stage),
                createTokenExchangeCreator: (stage) => {
                    const exchanged = { subjectToken: P.subjectToken, actorToken: () => P.actorToken };
                    return planted(root.createTokenExchangeCreator(exchanged, known(stage)), stage);
                },
                createDeviceTokenCreator: (stage) => {
                    const options = { ...known(stage), deviceAuthorizationEndpoint: '/device' };
                    const shown = { onUserCode: () => undefined };
                    const extraParameters = { otp: P.otp };
                    return planted(root.createDeviceTokenCreator(shown, { ...options, extraParameters }), stage);
                },
                withRefreshToken: (stage) => {
                    const byFunction = root.withRefreshToken(grantOfCanaries, {
                        refresh: async (token) =>
                            Promise.reject(new root.TokenError('network', `a failure of ${token.length}`)),
                    });
                    const atEndpoint = root.withRefreshToken(noLogin, known(stage));
                    return merged(planted(atEndpoint, stage), planted(byFunction, stage));
                },
                discover: (stage) => {
                    const issuer = root.discover(String(stage.client.baseURL));
                    const credentials = { id: 'an-id', secret: P.clientSecret };
                    const create = root.createClientTokenCreator(credentials, { client: stage.client, issuer });
                    return merged(planted(create, stage), { holders: [issuer] });
                },
                introspectToken: (stage) => ({
                    holders: [],
                    runs: [() => root.introspectToken(P.token, known(stage))],
                }),
                revokeToken: (stage) => ({ holders: [], runs: [() => root.revokeToken(P.token, known(stage))] }),
                clientSecretPost: byClient(root.clientSecretPost),
                clientSecretBasic: byClient(root.clientSecretBasic),
                clientSecretBasicUnencoded: byClient(root.clientSecretBasicUnencoded),
                none: byClient(root.none),
                tlsClientAuth: byClient(root.tlsClientAuth),
                isUnauthorized: READS_NO_SECRET,
                isAuthupRejection: READS_NO_SECRET,
                parseChallenges: READS_NO_SECRET,
                TokenError: IS_AN_ERROR,
                TokenEndpointError: IS_AN_ERROR,
                TokenResponseError: IS_AN_ERROR,
            },
        },
        './dpop': {
            exports: dpopEntry,
            by: {
                dpop: async (stage) => {
                    const { privateKey, publicKey } = await crypto.subtle.generateKey(
                        { name: 'ECDSA', namedCurve: 'P-256' },
                        true, // so that a scheme that prints its key would be seen
                        ['sign', 'verify'],
                    );
                    const scheme = dpopEntry.dpop({ keyPair: { privateKey, publicKey } });
                    const credentials = { id: 'an-id', secret: P.clientSecret };
                    const create = root.createClientTokenCreator(credentials, { client: stage.client, scheme });
                    return merged(planted(create, stage, { scheme }), { holders: [scheme, dpopEntry.dpop()] });
                },
            },
        },
        './jwt': {
            exports: jwtEntry,
            by: {
                clientSecretJwt: byClient(jwtEntry.clientSecretJwt()),
                privateKeyJwt: async (stage) => {
                    const { ec, rsa } = stage.keys;
                    const fromJwk = byClient(jwtEntry.privateKeyJwt({ key: ec.privateJwk }));
                    const fromPem = byClient(jwtEntry.privateKeyJwt({ key: rsa.pem, algorithm: 'RS256' }));
                    // A key that cannot be used, whose import fails with an error of somebody else's.
                    const { privateJwk } = ec;
                    const broken = byClient(jwtEntry.privateKeyJwt({ key: { ...privateJwk, x: privateJwk.d ?? '' } }));
                    const all = [fromJwk, fromPem, broken].map((planting) =>
                        (planting as (stage: Stage) => Planted)(stage),
                    );
                    return merged(...all);
                },
                jwtAssertion: (stage) => {
                    const { ec } = stage.keys;
                    const assertion = jwtEntry.jwtAssertion({
                        key: ec.privateJwk,
                        issuer: 'an-issuer',
                        audience: 'an-audience',
                    });
                    const create = root.createJwtBearerTokenCreator({ assertion }, known(stage));
                    return merged(planted(create, stage), { holders: [assertion] });
                },
            },
        },
        './shared': {
            exports: sharedEntry,
            by: {
                createMemoryStore: 'a store for tests: whoever holds it may read what it holds',
                withSharedToken: sharing((create, onEvent) =>
                    sharedEntry.withSharedToken(create, {
                        store: sharedEntry.createMemoryStore(),
                        key: P.shareKey,
                        onEvent,
                    }),
                ),
            },
        },
        './redis': {
            exports: redisEntry,
            by: {
                createRedisStore: () => ({ holders: [redisEntry.createRedisStore(tellingRedis())] }),
                withRedisToken: sharing((create, onEvent) =>
                    redisEntry.withRedisToken(create, { client: tellingRedis(), key: P.shareKey, onEvent }),
                ),
            },
        },
        './tabs': {
            exports: tabsEntry,
            by: { withTabs: sharing((create, onEvent) => tabsEntry.withTabs(create, { name: 'an-app', onEvent })) },
        },
    };
