import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type Provider from 'oidc-provider';
import { closeAtOnce, listenOnLoopback } from '../../examples/servers/loopback.js';
import { testCertificates } from './openid-provider/certificates.js';
import { clientRegistrations } from './openid-provider/clients.js';
import { configure, mtlsEndpoints, routes } from './openid-provider/configuration.js';
import { Devices } from './openid-provider/devices.js';
import { DiscoveryDocuments } from './openid-provider/discovery.js';
import {
    readForm,
    replaceRequest,
    setAnswer,
    type CannedAnswer,
    type Context,
    type Next,
} from './openid-provider/exchange.js';
import { Grants } from './openid-provider/grants.js';
import { createTestKey, testKeys, type TestKey } from './openid-provider/keys.js';
import { LiveTokens, type LiveToken } from './openid-provider/live-tokens.js';
import { loadOidcProvider, type OidcProvider } from './openid-provider/load.js';
import { Nonces } from './openid-provider/nonces.js';
import { ProviderStore } from './openid-provider/store.js';
import { refuseOtherMethod, translateFields } from './openid-provider/strictness.js';
import { registerTokenExchange } from './openid-provider/token-exchange.js';
import { TokenRequests, type TokenRequest } from './openid-provider/token-requests.js';
import type { OpenidProvider, OpenidProviderOptions } from './openid-provider/types.js';

export { testCertificates, type Certificate } from './openid-provider/certificates.js';
export { assertionIssuer, clients, grantTypes, users } from './openid-provider/clients.js';
export { createTestKey, keyAlgorithms, testKeys, type TestKey } from './openid-provider/keys.js';
export { resources } from './openid-provider/resources.js';
export { tokenTypes } from './openid-provider/token-exchange.js';
export type { OpenidProvider, OpenidProviderOptions };
export type { LiveToken };

/** Starts oidc-provider on loopback as a strict OAuth 2.0 authorization server with all that tests may want of one. */
export async function startOpenidProvider(options: OpenidProviderOptions = {}): Promise<OpenidProvider> {
    const library = await loadOidcProvider();
    const server = new OpenidProviderServer(options, library, await createTestKey('ES256', 'provider'));
    await server.start();
    return server;
}

class OpenidProviderServer implements OpenidProvider {
    issuer = '';
    accessTokenLifetime: number;
    mtls?: ReturnType<typeof mtlsEndpoints> & { ca: string };
    readonly discovery: DiscoveryDocuments;

    private readonly basePath: string;
    private readonly http = createServer();
    private readonly tls?: Server;
    private readonly ports = { http: 0, tls: 0 };
    private readonly tokenRequests = new TokenRequests();
    private readonly nonces: Nonces;
    private readonly store: ProviderStore;
    private provider!: Provider;
    private devices!: Devices;
    private tokens!: LiveTokens;

    constructor(
        private readonly options: OpenidProviderOptions,
        private readonly library: OidcProvider,
        private readonly signingKey: TestKey,
    ) {
        const { InvalidGrant } = library.oidcProvider.errors;
        this.basePath = (options.basePath ?? '').replace(/\/+$/, '');
        this.accessTokenLifetime = options.accessTokenLifetime ?? 3600;
        this.discovery = new DiscoveryDocuments(this.basePath);
        this.nonces = new Nonces(options.oneUseNonces);
        this.store = new ProviderStore(() => new InvalidGrant('already used'));
        if (options.mtls) this.tls = createMutualTlsServer();
    }

    get requests(): readonly TokenRequest[] {
        return this.tokenRequests.all;
    }

    get delay(): number {
        return this.tokenRequests.delay;
    }

    set delay(milliseconds: number) {
        this.tokenRequests.delay = milliseconds;
    }

    get dropAnswers(): number {
        return this.tokenRequests.dropAnswers;
    }

    set dropAnswers(count: number) {
        this.tokenRequests.dropAnswers = count;
    }

    get endpoints() {
        const { origin } = new URL(this.issuer);
        return {
            token: this.issuer + routes.token,
            introspection: this.issuer + routes.introspection,
            revocation: this.issuer + routes.revocation,
            deviceAuthorization: this.issuer + routes.device_authorization,
            jwks: this.issuer + routes.jwks,
            openidConfiguration: origin + this.discovery.pathOf('openid'),
            oauthMetadata: origin + this.discovery.pathOf('oauth'),
        };
    }

    async start(): Promise<void> {
        await this.listen();
        this.issuer = `http://127.0.0.1:${this.ports.http}${this.basePath}`;
        const mtlsUrl = this.tls && `https://127.0.0.1:${this.ports.tls}${this.basePath}`;
        if (mtlsUrl !== undefined) this.mtls = { ...mtlsEndpoints(mtlsUrl), ca: testCertificates().ca.cert };
        await this.createProvider(mtlsUrl);
        const callback = this.provider.callback();
        const answer = (request: IncomingMessage, response: ServerResponse) => void callback(request, response);
        this.http.on('request', answer);
        this.tls?.on('request', answer);
    }

    failWith(...answers: CannedAnswer[]): void {
        this.tokenRequests.failWith(...answers);
    }

    approveDevice(userCode: string, username = 'admin'): Promise<void> {
        return this.devices.approve(userCode, username);
    }

    denyDevice(userCode: string): Promise<void> {
        return this.devices.deny(userCode);
    }

    findToken(token: string): Promise<LiveToken | undefined> {
        return this.tokens.find(token);
    }

    revokeAccessTokens(): void {
        this.store.forgetAccessTokens();
        this.tokens.forget();
    }

    rotateNonce(acceptPrevious = false): void {
        this.nonces.rotate(acceptPrevious);
    }

    async stop(): Promise<void> {
        await Promise.all([closeAtOnce(this.http), this.tls && closeAtOnce(this.tls)]);
    }

    async restart(): Promise<void> {
        await this.stop();
        await this.listen();
    }

    close(): Promise<void> {
        return this.stop();
    }

    private async listen(): Promise<void> {
        this.ports.http = await listenOnLoopback(this.http, { port: this.ports.http });
        if (this.tls) this.ports.tls = await listenOnLoopback(this.tls, { port: this.ports.tls });
    }

    private async createProvider(mtlsUrl?: string): Promise<void> {
        const { options, library, signingKey } = this;
        const keys = await testKeys();
        this.store.addClients(clientRegistrations(keys, testCertificates()));
        const configuration = configure({
            store: this.store,
            signingKey: signingKey.privateJwk,
            errors: library.oidcProvider.errors,
            accessTokenLifetime: () => this.accessTokenLifetime,
            refreshTokenLifetime: options.refreshTokenLifetime ?? 86_400,
            rotateRefreshTokens: options.rotateRefreshTokens ?? true,
            deviceCodeLifetime: options.deviceCodeLifetime ?? 600,
            dpop: options.dpop ?? 'required',
            mtlsUrl,
        });
        const provider = new library.oidcProvider.default(this.issuer, configuration);
        // Koa prints every error of a connection that is cut.
        provider.silent = true;
        library.internalsOf(provider).DPoPNonces = {
            nextChallenge: () => this.nonces.next(),
            checkChallenge: (nonce) => this.nonces.accept(nonce),
        };
        provider.use((context, next) => this.answer(context, next));
        this.provider = provider;
        this.tokens = new LiveTokens(provider, signingKey);
        this.devices = new Devices({
            provider,
            interval: options.deviceInterval ?? 5,
            slowDownBy: options.slowDownBy ?? 5,
        });
        const grants = new Grants(provider, library, keys);
        grants.register();
        registerTokenExchange({ provider, library, grants, findToken: (token) => this.findToken(token) });
    }

    private async answer(context: Context, next: Next): Promise<void> {
        if (await this.discovery.answer(context, next)) return;
        const path = context.path.slice(this.basePath.length);
        const isKnown = context.path.startsWith(`${this.basePath}/`) && !path.startsWith('/.well-known/');
        if (!isKnown) {
            context.status = 404;
            return;
        }
        const { method, headers } = context;
        const url = context.url.slice(this.basePath.length);
        const fields = await readForm(context);
        const proceed = async () => {
            const refusal = method === 'POST' ? refuseOtherMethod(fields, headers.authorization) : undefined;
            const translated = translateFields(fields, headers.authorization);
            replaceRequest(context, this.basePath, url, translated.toString());
            if (refusal) setAnswer(context, refusal);
            else await next();
        };
        if (method === 'POST' && path === routes.token) {
            await this.tokenRequests.answer(context, fields, () => this.answerTokenRequest(context, fields, proceed));
        } else {
            await proceed();
            if (method === 'POST' && path === routes.device_authorization) this.addInterval(context);
        }
    }

    private async answerTokenRequest(context: Context, fields: URLSearchParams, proceed: Next): Promise<void> {
        const deviceCode = fields.get('device_code') ?? '';
        if (this.devices.isTooFast(deviceCode)) {
            context.status = 400;
            context.body = { error: 'slow_down', error_description: 'polled before the interval was over' };
            return;
        }
        await proceed();
        this.devices.noteAnswer(deviceCode, context.status, context.body);
    }

    private addInterval(context: Context): void {
        const { options } = this;
        const interval = 'deviceInterval' in options ? options.deviceInterval : 5;
        if (context.status === 200) context.body = { ...(context.body as object), interval };
    }
}

function createMutualTlsServer(): Server {
    const { ca, server, selfSigned } = testCertificates();
    return createTlsServer({
        key: server.key,
        cert: server.cert,
        ca: [ca.cert, selfSigned.cert],
        requestCert: true,
        rejectUnauthorized: true,
    });
}
