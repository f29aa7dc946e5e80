import { createHash } from 'node:crypto';
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify, type JWK } from 'jose';
import { attachTokenCreator, type TokenCreator, type TokenSource } from '../../src/index.js';
import { dpop, type AuthorizationScheme, type DpopOptions } from '../../src/dpop/index.js';
import { ok, sendJson, type Exchange, type ReceivedRequest, type Route } from './servers.js';

type Claims = Readonly<Record<'jti' | 'htm' | 'htu', string> & { iat: number; ath?: string; nonce?: string }>;

/** A DPoP proof whose signature was verified with the key that it carries. */
export interface Proof {
    readonly header: Readonly<{ alg: string; typ: string; jwk: JWK }>;
    readonly claims: Claims;
    readonly thumbprint: string;
}

/** The proof of a request. Several headers of that name arrive as one, which is no JWT. */
export async function proofOf({ headers }: Pick<ReceivedRequest, 'headers'>): Promise<Proof> {
    return verifyProof(headers['dpop'] as string | undefined);
}

export async function verifyProof(proof: string | undefined): Promise<Proof> {
    const { payload, protectedHeader } = await jwtVerify(proof ?? '', EmbeddedJWK, { typ: 'dpop+jwt' });
    return {
        header: protectedHeader as Proof['header'],
        claims: payload as unknown as Claims,
        thumbprint: await calculateJwkThumbprint(protectedHeader.jwk as JWK),
    };
}

export function proofsOf(received: readonly ReceivedRequest[]): Promise<Proof[]> {
    return Promise.all(received.map(proofOf));
}

export function athOf(token: string): string {
    return createHash('sha256').update(token, 'ascii').digest('base64url');
}

/** Creates `token-1`, `token-2` and so on, and knows which of them count. */
export interface BoundIssuer {
    readonly creator: TokenCreator;
    readonly created: number;
    revoke(): void;
    isValid(authorization: string | undefined): boolean;
}

export function createBoundIssuer(): BoundIssuer {
    const valid = new Set<string>();
    let created = 0;
    return {
        get created() {
            return created;
        },
        creator: async () => {
            created += 1;
            valid.add(`DPoP token-${created}`);
            return { access_token: `token-${created}`, token_type: 'DPoP' };
        },
        revoke: () => valid.clear(),
        isValid: (authorization) => authorization !== undefined && valid.has(authorization),
    };
}

export interface BoundClient {
    readonly client: AxiosInstance;
    readonly issuer: BoundIssuer;
    readonly scheme: AuthorizationScheme;
    readonly source: TokenSource;
}

/** An instance whose tokens are bound to a key. */
export function createBoundClient(
    config: AxiosRequestConfig,
    options?: DpopOptions,
    issuer: BoundIssuer = createBoundIssuer(),
): BoundClient {
    const scheme = dpop(options);
    const client = axios.create(config);
    const { source } = attachTokenCreator(client, issuer.creator, { scheme });
    return { client, issuer, scheme, source };
}

/** Lets requests through to the route whose proof has this nonce, and asks others for it. */
export function wantsNonce(nonce: () => string, route: Route = ok): Route {
    return async (exchange) => {
        const { claims } = await proofOf(exchange.received);
        await (claims.nonce === nonce() ? route : demandNonce(nonce))(exchange);
    };
}

/** As RFC 9449 section 9 has it. */
export function demandNonce(nonce: () => string): Route {
    return (exchange) => {
        exchange.response.setHeader('dpop-nonce', nonce());
        exchange.response.setHeader('www-authenticate', 'DPoP error="use_dpop_nonce", algs="ES256"');
        sendJson(exchange, 401, { error: 'use_dpop_nonce' });
    };
}

/** Answers with a nonce for the next request. */
export function giveNonce(nonce: string, status = 200) {
    return (exchange: Exchange): void => {
        exchange.response.setHeader('dpop-nonce', nonce);
        sendJson(exchange, status, {});
    };
}

/** Lets requests with a valid token through to the route. */
export function boundBy(issuer: BoundIssuer, route: Route = ok): Route {
    return async (exchange) => {
        if (issuer.isValid(exchange.received.headers.authorization)) return route(exchange);
        exchange.response.setHeader('www-authenticate', 'DPoP error="invalid_token", algs="ES256"');
        sendJson(exchange, 401, { error: 'invalid_token' });
    };
}
