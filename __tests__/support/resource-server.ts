import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeAtOnce, listenOnLoopback, readBody } from '../../examples/servers/loopback.js';
import type { LiveToken, OpenidProvider } from './openid-provider.js';
import { Nonces } from './openid-provider/nonces.js';
import { errorOf, formatChallenge, type Challenge, type Refusal } from './resource-server/challenges.js';
import { claimsOf, proofAlgorithms, ProofVerifier, type ProofRefusal } from './resource-server/proofs.js';
import {
    authenticationOf,
    lackingAuthentication,
    lackingClaims,
    type Authentication,
} from './resource-server/step-up.js';

export { defaultClaims, type Authentication } from './resource-server/step-up.js';

export interface ResourceServerOptions {
    /** Whose access tokens count. */
    provider: Pick<OpenidProvider, 'issuer' | 'findToken'>;
    /** Without it the scheme DPoP is unknown here. */
    dpop?: 'required' | 'optional';
    /** Whether a proof needs a nonce of this server. @default false */
    requireNonce?: boolean;
    /** Every answer brings a new nonce, and no nonce counts twice. @default false */
    oneUseNonces?: boolean;
    /** The `aud` that a token must have; any, and none, is good otherwise. */
    audience?: string;
    /** Stands above what the provider recorded, by access token. */
    authentications?: ReadonlyMap<string, Authentication>;
    /** Whether pages of other origins may use it. @default false */
    cors?: boolean;
}

interface ReceivedCall {
    readonly method: string;
    /** Path and query. */
    readonly url: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
    /** Of the DPoP proof, unchecked. */
    readonly proof?: Readonly<Record<string, unknown>>;
    /** 0 until it is answered. */
    status: number;
    /** The `error` of the challenge. */
    error?: string;
}

export interface TestResourceServer {
    /** `http://127.0.0.1:PORT` */
    readonly url: string;
    /** Where the metadata of RFC 9728 is. */
    readonly metadataUrl: string;
    /** In order of arrival, without preflights. */
    readonly received: readonly ReceivedCall[];
    /** How often a token that is bound to a key came as a bearer token. */
    readonly downgrades: number;
    readonly nonce: string;
    /** From now on proofs need another nonce; the previous one may still count. */
    rotateNonce(acceptPrevious?: boolean): void;
    close(): Promise<void>;
}

interface Call {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly received: ReceivedCall;
    readonly url: URL;
}

const metadataPath = '/.well-known/oauth-protected-resource';

/**
 * Starts an API that checks every request strictly. Any path answers 200 with what it knows of the token, but
 * `/public` wants none, `/scope/NAME` wants that scope, `/step-up?acr=…&max_age=…` another login (RFC 9470) and
 * `/claims?claims=…` a token with these claims.
 */
export async function startResourceServer(options: ResourceServerOptions): Promise<TestResourceServer> {
    const server = new ResourceServer(options);
    await server.start();
    return server;
}

class ResourceServer implements TestResourceServer {
    url = '';
    downgrades = 0;
    readonly received: ReceivedCall[] = [];
    private readonly http = createServer((request, response) => {
        this.answer(request, response).catch(() => response.destroy());
    });
    private readonly nonces: Nonces;
    private readonly proofs: ProofVerifier;

    constructor(private readonly options: ResourceServerOptions) {
        this.nonces = new Nonces(options.oneUseNonces);
        this.proofs = new ProofVerifier(this.requiresNonce ? this.nonces : undefined);
    }

    get metadataUrl(): string {
        return this.url + metadataPath;
    }

    get nonce(): string {
        return this.nonces.current;
    }

    async start(): Promise<void> {
        this.url = `http://127.0.0.1:${await listenOnLoopback(this.http)}`;
    }

    rotateNonce(acceptPrevious = false): void {
        this.nonces.rotate(acceptPrevious);
    }

    close(): Promise<void> {
        return closeAtOnce(this.http);
    }

    private get requiresNonce(): boolean {
        return this.options.requireNonce === true || this.options.oneUseNonces === true;
    }

    private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const body = (await readBody(request)).toString();
        const { method = '', url: target = '', headers } = request;
        if (this.options.cors) allowOrigin(request, response);
        if (method === 'OPTIONS') {
            response.writeHead(this.options.cors ? 204 : 405).end();
            return;
        }
        const proof = claimsOf(headersOf(request, 'dpop')[0]);
        const received: ReceivedCall = { method, url: target, headers, body, proof, status: 0 };
        this.received.push(received);
        // The host as the client named it: 127.0.0.1 and localhost are the same server, and not the same URL.
        const url = new URL(target, `http://${headers.host ?? ''}`);
        await this.route({ request, response, received, url });
    }

    private async route(call: Call): Promise<void> {
        const { pathname } = call.url;
        if (pathname === metadataPath) return this.send(call, 200, this.metadata());
        if (pathname === '/public') return this.send(call, 200, { public: true });
        const checked = await this.checkToken(call);
        if ('challenges' in checked) return this.refuse(call, checked);
        const refusal = this.checkRoute(call.url, checked);
        if (refusal) return this.refuse(call, refusal);
        const { subject, clientId, scope, audience } = checked;
        this.send(call, 200, { subject, clientId, scope, audience, method: call.received.method });
    }

    private async checkToken(call: Call): Promise<LiveToken | Refusal> {
        const { options } = this;
        const [authorization, ...more] = headersOf(call.request, 'authorization');
        if (authorization === undefined) return this.unauthorized({});
        const [, scheme = '', credentials = ''] = /^([A-Za-z]+) +([\w\-.~+/]+=*)$/.exec(authorization) ?? [];
        const isProven = scheme.toLowerCase() === 'dpop';
        if (more.length > 0 || credentials === '') return this.malformed('Authorization is malformed');
        if (!isProven && scheme.toLowerCase() !== 'bearer') return this.unauthorized({});
        if (isProven && !options.dpop) return this.unauthorized({});
        const token = await options.provider.findToken(credentials);
        if (!isProven && token?.jkt !== undefined) this.downgrades += 1;
        const isFit = isProven ? token?.jkt !== undefined : token?.jkt === undefined && options.dpop !== 'required';
        const isForUs = options.audience === undefined || token?.audience === options.audience;
        // Over plain HTTP there is no certificate that a token could be bound to.
        if (!token || !isFit || !isForUs || token.x5t !== undefined) return this.unauthorized(invalidToken);
        const wrong = isProven ? await this.checkProof(call, token) : undefined;
        return wrong ? this.wrongProof(wrong) : token;
    }

    private async checkProof({ request, received, url }: Call, token: LiveToken): Promise<ProofRefusal | undefined> {
        const [proof, ...more] = headersOf(request, 'dpop');
        if (proof === undefined || more.length > 0) return { reason: 'there must be one DPoP proof' };
        return this.proofs.verify({
            proof,
            method: received.method,
            url: url.href,
            token: token.token,
            thumbprint: token.jkt ?? '',
        });
    }

    private checkRoute(url: URL, token: LiveToken): Refusal | undefined {
        const { authentications, provider } = this.options;
        const scope = /^\/scope\/([\w:.-]+)$/.exec(url.pathname)?.[1];
        if (scope !== undefined && !token.scope.split(' ').includes(scope)) {
            return { ...this.unauthorized({ error: 'insufficient_scope', scope }), status: 403 };
        }
        const known = authenticationOf(token, authentications);
        const lacking =
            (url.pathname === '/step-up' && lackingAuthentication(url, known)) ||
            (url.pathname === '/claims' && lackingClaims(url, known, provider.issuer));
        return lacking ? this.unauthorized(lacking) : undefined;
    }

    /** One challenge for each scheme that this server takes. */
    private unauthorized(parameters: Challenge['parameters']): Refusal {
        const { dpop } = this.options;
        const common = { ...parameters, resource_metadata: this.metadataUrl };
        const proven: Challenge = { scheme: 'DPoP', parameters: { ...common, algs: proofAlgorithms.join(' ') } };
        const bearer: Challenge = { scheme: 'Bearer', parameters: common };
        if (dpop === 'required') return { status: 401, challenges: [proven] };
        return { status: 401, challenges: dpop === 'optional' ? [bearer, proven] : [bearer] };
    }

    private wrongProof({ useNonce, reason }: ProofRefusal): Refusal {
        const parameters = {
            error: useNonce ? 'use_dpop_nonce' : 'invalid_dpop_proof',
            error_description: reason,
            algs: proofAlgorithms.join(' '),
        };
        return { status: 401, challenges: [{ scheme: 'DPoP', parameters }] };
    }

    private malformed(reason: string): Refusal {
        const scheme = this.options.dpop === 'required' ? 'DPoP' : 'Bearer';
        const parameters = { error: 'invalid_request', error_description: reason };
        return { status: 400, challenges: [{ scheme, parameters }] };
    }

    private metadata() {
        const { provider, dpop } = this.options;
        return {
            resource: this.url,
            authorization_servers: [provider.issuer],
            bearer_methods_supported: ['header'],
            scopes_supported: ['read', 'write', 'admin'],
            ...(dpop && {
                dpop_signing_alg_values_supported: proofAlgorithms,
                dpop_bound_access_tokens_required: dpop === 'required',
            }),
        };
    }

    private refuse(call: Call, refusal: Refusal): void {
        const error = errorOf(refusal);
        call.received.error = error;
        call.response.setHeader('www-authenticate', refusal.challenges.map(formatChallenge));
        this.send(call, refusal.status, { error });
    }

    private send({ response, received }: Call, status: number, value: unknown): void {
        received.status = status;
        if (this.requiresNonce) response.setHeader('dpop-nonce', this.nonces.next());
        response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
        response.end(JSON.stringify(value));
    }
}

const invalidToken = { error: 'invalid_token', error_description: 'The access token is not valid here, "sorry"' };

function headersOf({ headersDistinct }: IncomingMessage, name: string): string[] {
    return headersDistinct[name] ?? [];
}

function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
    response.setHeader('access-control-allow-origin', headers.origin ?? '*');
    response.setHeader('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
    response.setHeader('access-control-allow-headers', 'Authorization, DPoP, Content-Type');
    response.setHeader('access-control-expose-headers', 'DPoP-Nonce, WWW-Authenticate');
    response.setHeader('vary', 'Origin');
}
