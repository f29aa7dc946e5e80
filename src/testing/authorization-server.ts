import { systemClock, type Clock } from '../clock.js';
import { checkFields, FILLED_STRING, hasMethods, optional, type FieldCheck } from '../options.js';
import { ownOf } from '../own.js';
import { LIFETIME, tokenIn } from './arguments.js';
import { createCounts, type World } from './endpoints.js';
import type { Fault, InjectionOptions } from './faults.js';
import { createInjectedFaults } from './injected-faults.js';
import { createIssuedTokens } from './issued-tokens.js';
import { serve } from './serve.js';
import { startHttpServer } from './http-server.js';

/** Options of {@link createTestAuthorizationServer}, all optional. */
export interface TestAuthorizationServerOptions {
    /**
     * Where it listens: `localhost`, `::1` or an address of `127.0.0.0/8`. It gives tokens to anybody, so anything else
     * needs `allowRemote: true`.
     *
     * @default '127.0.0.1'
     */
    host?: string;
    /** Lets it listen on addresses that other machines can reach. @default false */
    allowRemote?: boolean;
    /** 0 lets the system choose. @default 0 */
    port?: number;
    /**
     * What time it is for the server: when tokens end, and what dates say. One that is off is clock skew:
     * `{ now: () => Date.now() + 300_000 }`.
     *
     * @default the system's
     */
    clock?: Pick<Clock, 'now'>;
    /**
     * The lifetime of access tokens in seconds; fractions are as good. `Infinity`: none is told, and they live until they
     * are revoked.
     *
     * @default 3600
     */
    expiresIn?: number;
    /**
     * Each refresh token works once. One that comes again revokes all that came of the same log-in (RFC 9700 section
     * 4.14.2). `false`: it works for ever, and no refresh brings another one.
     *
     * @default true
     */
    rotateRefreshTokens?: boolean;
}

/** What happened at a server since it was created. */
export interface TestAuthorizationServerCounts {
    /** Requests that arrived at the token endpoint, whatever became of them. */
    readonly tokenRequests: number;
    /** Of these, those that were read, by `grant_type`. */
    readonly byGrantType: Readonly<Record<string, number>>;
    /** Of these, those that the server itself refused; what faults answer does not count. */
    readonly refusedTokenRequests: number;
    /** Access tokens, whether or not their answer arrived. */
    readonly tokensIssued: number;
    /** Those that are neither expired nor revoked now. */
    readonly liveTokens: number;
    /** Refresh tokens that came again after they had been replaced. */
    readonly reuseAttempts: number;
    /** Requests that arrived at `/api`, whatever became of them. */
    readonly resourceRequests: number;
    /** Of these, those that the server itself answered with 401. */
    readonly refusedResourceRequests: number;
    /** Requests that a fault befell. */
    readonly faults: number;
    /** Requests that followed the redirect of a fault: there must be none. */
    readonly followedRedirects: number;
    /** Connections that are open now. */
    readonly connections: number;
}

/** An authorization server for tests, with an API that takes its tokens, and with faults on demand. */
export interface TestAuthorizationServer {
    /**
     * `http://127.0.0.1:PORT`, the `baseURL` of creators and the issuer for `discover`. The token endpoint is `/token`,
     * and there are `/token/revoke`, `/token/introspect` and the two metadata documents. Whatever is at `/api` answers to
     * a live token 200 with the JSON `{ method, path, tokenNumber, scope }`, and else 401.
     */
    readonly url: string;
    /** The same port as an `https:` URL. It speaks no TLS: every handshake fails. */
    readonly tlsUrl: string;
    /**
     * Makes something go wrong with the next requests to the token endpoint, or to another one. Several faults are for
     * one request each, in the order in which they were injected.
     *
     * @returns ends the fault, as `heal` does for all
     * @throws TypeError that names what is wrong with the fault or the options
     */
    inject(fault: Fault, options?: InjectionOptions): () => void;
    /** Ends all faults. What `delay`, `hold` and `slow-loris` keep back is sent at once; what is broken stays so. */
    heal(): void;
    /**
     * Revokes an access token, or all. A refresh token that is given takes all that came of its log-in with it.
     *
     * @throws TypeError for something that is no token
     */
    revoke(token?: string): void;
    /** No refresh token issued so far counts any more; access tokens live on. */
    revokeRefreshTokens(): void;
    /**
     * For an API of your own: whether this is an access token of this server, alone or after `Bearer `, that is neither
     * expired nor revoked.
     */
    isLive(authorization: unknown): boolean;
    /** A snapshot. */
    readonly counts: TestAuthorizationServerCounts;
    /** Cuts all connections; settles when nothing of it is left. To call it twice is no error. */
    close(): Promise<void>;
}

const LOOPBACK = /^(localhost|::1|127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3})$/;

const BOOLEAN: FieldCheck = /* @__PURE__ */ optional(['a boolean', (value) => typeof value === 'boolean']);
const WALL_CLOCK: FieldCheck = /* @__PURE__ */ optional(['an object with the function now', hasMethods('now')]);
const PORT: FieldCheck = /* @__PURE__ */ optional([
    'a whole number from 0 to 65535',
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
]);

function checkedOptions(options: TestAuthorizationServerOptions): TestAuthorizationServerOptions {
    const { allowRemote } = ownOf(Object(options) as TestAuthorizationServerOptions);
    const loopback: FieldCheck = [
        'a loopback address (localhost, ::1, 127.0.0.1) where options.allowRemote is not true',
        (value) => typeof value === 'string' && LOOPBACK.test(value),
    ];
    return checkFields('createTestAuthorizationServer', 'options', options, {
        host: optional(allowRemote === true ? FILLED_STRING : loopback),
        allowRemote: BOOLEAN,
        port: PORT,
        clock: WALL_CLOCK,
        expiresIn: LIFETIME,
        rotateRefreshTokens: BOOLEAN,
    });
}

/**
 * Starts an authorization server for tests on a real port of this machine. It takes any credentials, and issues tokens
 * for any `grant_type`; with one for `password` comes a refresh token. It needs Node.js, Deno or Bun, and no package.
 *
 * @example
 * ```ts
 * const server = await createTestAuthorizationServer();
 * const client = axios.create({ baseURL: server.url });
 * attachTokenCreator(client, createClientTokenCreator({ id, secret }, { client: { baseURL: server.url } }));
 *
 * server.inject({ type: 'status', status: 503, retryAfter: 1 });
 * await client.get('/api/orders'); // rejects with a TokenEndpointError
 * await server.close();
 * ```
 * @throws TypeError that names the option and what was given, or the error of Node.js when it cannot listen there
 */
export async function createTestAuthorizationServer(
    options: TestAuthorizationServerOptions = {},
): Promise<TestAuthorizationServer> {
    const {
        host = '127.0.0.1',
        port = 0,
        clock = systemClock,
        expiresIn = 3_600,
        rotateRefreshTokens = true,
    } = checkedOptions(options);
    const tokens = createIssuedTokens({ clock, expiresIn, rotates: rotateRefreshTokens });
    const faults = createInjectedFaults();
    const world: World = { tokens, clock, url: '', counts: createCounts() };
    const server = await startHttpServer((request, response) => serve(request, response, world, faults), {
        host,
        port,
    });
    world.url = `http://${server.authority}`;
    return {
        url: world.url,
        tlsUrl: `https://${server.authority}`,
        inject: (fault, injection) => faults.inject(fault, injection),
        heal: () => faults.heal(),
        revoke(token) {
            checkFields('revoke', 'credentials', { token }, { token: optional(FILLED_STRING) });
            if (token === undefined) tokens.revokeAccessTokens();
            else tokens.revoke(token);
        },
        revokeRefreshTokens: () => tokens.revokeRefreshTokens(),
        isLive: (authorization) => tokens.recordOf(tokenIn(authorization)) !== undefined,
        get counts() {
            const { arrived, byGrantType, ...others } = world.counts;
            return {
                ...others,
                ...tokens.counts(),
                tokenRequests: arrived.token,
                byGrantType: Object.fromEntries(byGrantType),
                resourceRequests: arrived.resource,
                faults: faults.taken,
                connections: server.connections,
            };
        },
        close: () => server.close(),
    };
}
