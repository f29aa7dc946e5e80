import { createServer, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type Provider from 'oidc-provider';
import { type Answer, toAuthupError, toAuthupGrant } from './authup-answers.js';
import { credentials, internalClientId, type KnownCredentials } from './credentials.js';
import { closeAtOnce, listenOnLoopback, readBody, withBody } from './loopback.js';
import { createProvider, type ProviderWithStore, scope } from './provider.js';
import { asRecord } from './records.js';

export { credentials };

export interface AuthorizationServerOptions {
    /** Where the endpoints live, `/auth` for `/auth/token`. */
    basePath?: string;
    /** 0 lets the system choose. @default 0 */
    port?: number;
    /** Seconds. @default 3600 */
    accessTokenLifetime?: number;
    /** Seconds. @default 259200 */
    refreshTokenLifetime?: number;
    /**
     * A refresh token that is used twice is refused; this also revokes everything that came of it (RFC 9700).
     * @default false, as Authup
     */
    reuseRevokesFamily?: boolean;
    credentials?: Partial<KnownCredentials>;
}

export interface TokenRequestInfo {
    grantType: string;
    status: number;
    /** Milliseconds since the epoch. */
    startedAt: number;
    endedAt: number;
}

export interface AuthorizationServerCounters {
    /** Requests that arrived at the token endpoint, whatever became of them. */
    tokenRequests: number;
    issued: number;
    refused: number;
    /** Requests that arrived at the token endpoint, by grant_type. */
    byGrant: Record<string, number>;
    introspections: number;
    revocations: number;
}

export interface AuthorizationServer {
    /** `http://127.0.0.1:PORT`, with the base path, without a slash at the end. */
    readonly url: string;
    readonly counters: AuthorizationServerCounters;
    /** Seconds, of the tokens issued from now on. */
    accessTokenLifetime: number;
    /** Milliseconds that pass before a token request is looked at. */
    tokenDelay: number;
    onTokenRequest?: (info: TokenRequestInfo) => void;
    isActive(token: string): Promise<boolean>;
    /** Every access token issued so far stops being valid; refresh tokens stay. */
    revokeAll(): Promise<void>;
    /** As if it crashed: the port is closed and connections are cut, tokens are remembered. */
    stop(): Promise<void>;
    /** On the same port again. */
    restart(): Promise<void>;
    close(): Promise<void>;
}

/**
 * startAuthorizationServer starts oidc-provider on loopback with the paths, grants and answers of Authup: password and
 * robot_credentials need no OAuth client, refresh tokens can be used once.
 */
export async function startAuthorizationServer(options: AuthorizationServerOptions = {}): Promise<AuthorizationServer> {
    const server = new OidcAuthorizationServer(options);
    await server.start();
    return server;
}

type Context = Parameters<Parameters<Provider['use']>[0]>[0];

class OidcAuthorizationServer implements AuthorizationServer {
    url = '';
    accessTokenLifetime: number;
    tokenDelay = 0;
    onTokenRequest?: (info: TokenRequestInfo) => void;
    readonly counters: AuthorizationServerCounters = {
        tokenRequests: 0,
        issued: 0,
        refused: 0,
        byGrant: {},
        introspections: 0,
        revocations: 0,
    };

    private readonly basePath: string;
    private readonly refreshTokenLifetime: number;
    private readonly http: Server = createServer();
    private port: number;
    private oidc!: ProviderWithStore;

    constructor(private readonly options: AuthorizationServerOptions) {
        this.basePath = (options.basePath ?? '').replace(/\/+$/, '');
        this.port = options.port ?? 0;
        this.accessTokenLifetime = options.accessTokenLifetime ?? 3600;
        this.refreshTokenLifetime = options.refreshTokenLifetime ?? 259_200;
    }

    async start(): Promise<void> {
        this.port = await listenOnLoopback(this.http, { port: this.port });
        this.url = `http://127.0.0.1:${this.port}${this.basePath}`;
        this.oidc = await createProvider({
            issuer: this.url,
            credentials: { ...credentials, ...this.options.credentials },
            accessTokenLifetime: () => this.accessTokenLifetime,
            refreshTokenLifetime: this.refreshTokenLifetime,
            reuseRevokesFamily: this.options.reuseRevokesFamily ?? false,
        });
        this.oidc.provider.use((context, next) => this.answer(context, next));
        const callback = this.oidc.provider.callback();
        this.http.on('request', (request, response) => void callback(request, response));
    }

    async isActive(token: string): Promise<boolean> {
        return this.oidc.store.isActive(token);
    }

    async revokeAll(): Promise<void> {
        this.oidc.store.forgetAccessTokens();
    }

    stop(): Promise<void> {
        return closeAtOnce(this.http);
    }

    async restart(): Promise<void> {
        await this.stop();
        await listenOnLoopback(this.http, { port: this.port });
    }

    close(): Promise<void> {
        return this.stop();
    }

    private async answer(context: Context, next: () => Promise<unknown>): Promise<void> {
        if (!context.url.startsWith(`${this.basePath}/`)) {
            context.status = 404;
            return;
        }
        const startedAt = Date.now();
        const path = context.path.slice(this.basePath.length);
        const fields = new URLSearchParams((await readBody(context.req)).toString());
        this.replaceRequest(context, fields);
        if (context.method !== 'POST') {
            await next();
        } else if (path === '/token') {
            await this.answerTokenRequest(context, fields.get('grant_type') ?? '', startedAt, next);
        } else if (path === '/token/introspect') {
            this.counters.introspections += 1;
            await next();
            this.shapeIntrospection(context, fields.get('token') ?? '');
        } else {
            this.counters.revocations += path === '/token/revoke' ? 1 : 0;
            await next();
        }
    }

    /** Hands oidc-provider a request without the base path, and with an OAuth client where Authup wants none. */
    private replaceRequest(context: Context, fields: URLSearchParams) {
        const { authorization } = context.req.headers;
        const needsClient = fields.get('grant_type') === 'client_credentials';
        if (context.method === 'POST' && authorization === undefined && !fields.has('client_id') && !needsClient) {
            fields.set('client_id', internalClientId);
        }
        context.req = withBody(context.req, context.url.slice(this.basePath.length), fields.toString());
        context.request.req = context.req;
    }

    private async answerTokenRequest(
        context: Context,
        grantType: string,
        startedAt: number,
        next: () => Promise<unknown>,
    ) {
        const { counters } = this;
        counters.tokenRequests += 1;
        counters.byGrant[grantType] = (counters.byGrant[grantType] ?? 0) + 1;
        await delay(this.tokenDelay, undefined, { ref: false });
        if (context.req.socket.destroyed) {
            context.respond = false;
            return;
        }
        const lifetimes = { accessToken: this.accessTokenLifetime, refreshToken: this.refreshTokenLifetime };
        await next();
        const body = asRecord(context.body);
        const answer: Answer =
            context.status === 200
                ? toAuthupGrant(body, scope, lifetimes)
                : toAuthupError(context.status, body, grantType);
        context.remove('www-authenticate');
        context.status = answer.status;
        context.body = answer.body;
        counters[answer.status === 200 ? 'issued' : 'refused'] += 1;
        this.onTokenRequest?.({ grantType, status: answer.status, startedAt, endedAt: Date.now() });
    }

    private shapeIntrospection(context: Context, token: string) {
        const body = asRecord(context.body);
        const expiresAt = this.oidc.store.expiryOf(token);
        if (body.active === true && expiresAt !== undefined) {
            // Rounded down, it would end the token up to a second before its expires_in.
            context.body = { ...body, exp: Math.ceil(expiresAt / 1000) };
        }
    }
}
