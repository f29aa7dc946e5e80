import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { createGate } from '../../support/gate.js';
import { memoryStorage } from '../../support/memory-storage.js';
import { formOf, sendJson, type Exchange, type Route, type Serve, type TestServer } from '../../support/servers.js';

/** A client at work, set up as a page says. */
export interface Session {
    readonly get: (url: string, config?: AxiosRequestConfig) => Promise<{ status?: number }>;
    readonly axios?: AxiosInstance;
    /** Stops what it may have left behind. */
    readonly end?: () => Promise<void>;
}

export type Start = (bed: Bed) => Session | Promise<Session>;

export function sessionOn(instance: AxiosInstance): Session {
    return { axios: instance, get: (url, config) => instance.get(url, config) };
}

export const SECRETS = { client: 'the-client-secret', password: 'the-password' };

/** An authorization server that rotates refresh tokens, an API, and somebody else's server. */
export interface Bed {
    readonly api: TestServer;
    readonly other: TestServer;
    readonly tokenEndpoint: string;
    readonly auth: TestServer;
    readonly storage: Storage;
    /** How many requests the API has refused. */
    readonly refused: number;
    /** The refresh token that counts. */
    readonly refreshToken: string;
    /** Seconds that the tokens to come are valid for. */
    lifetime: number;
    /** The tokens to come are no JWTs. */
    isOpaque: boolean;
    /** What the token endpoint says instead of a grant. */
    failure: number | undefined;
    /** How the API refuses. */
    refusal: { status: number; body: object };
    /** Issues tokens as a login would. */
    readonly logIn: () => Grant;
    /** No access token issued so far counts any more. */
    readonly revoke: () => void;
    /** The token endpoint answers from now on when the function it returns was called. */
    readonly holdGrants: () => () => void;
    /** Requests to `/late` are judged and answered when the function it returns was called. */
    readonly holdLate: () => () => void;
}

interface Grant {
    readonly access_token: string;
    readonly token_type: string;
    readonly expires_in: number;
    readonly refresh_token: string;
}

export async function makeBed(serve: Serve): Promise<Bed> {
    const valid = new Set<string | undefined>();
    let issued = 0;
    let refused = 0;
    let grantsMay: Promise<void> | undefined;
    let lateMay: Promise<void> | undefined;

    const answerApi: Route = async (exchange) => {
        const { url, headers } = exchange.received;
        if (url === '/late') await lateMay;
        if (url === '/broken') return sendJson(exchange, 500, {});
        if (url !== '/never' && valid.has(headers.authorization)) return sendJson(exchange, 200, { ok: true });
        refused += 1;
        return sendJson(exchange, bed.refusal.status, bed.refusal.body);
    };

    const answerAuth: Route = async (exchange) => {
        await grantsMay;
        const { refresh_token: refreshToken } = formOf(exchange);
        if (bed.failure) return sendJson(exchange, bed.failure, { error: 'invalid_grant' });
        if (refreshToken && refreshToken !== bed.refreshToken) return refuseGrant(exchange);
        return sendJson(exchange, 200, bed.logIn());
    };

    const auth = await serve(answerAuth);
    const bed: Bed = {
        api: await serve(answerApi),
        other: await serve((exchange) => sendJson(exchange, 200, {})),
        auth,
        tokenEndpoint: `${auth.url}/token`,
        storage: memoryStorage(),
        lifetime: 3600,
        isOpaque: false,
        failure: undefined,
        refusal: { status: 401, body: { error: 'invalid_token' } },
        get refused() {
            return refused;
        },
        get refreshToken() {
            return `refresh-${issued}`;
        },
        logIn() {
            issued += 1;
            const access_token = bed.isOpaque ? `token-${issued}` : jwt(issued, bed.lifetime);
            valid.add(`Bearer ${access_token}`);
            return { access_token, token_type: 'Bearer', expires_in: bed.lifetime, refresh_token: bed.refreshToken };
        },
        revoke: () => valid.clear(),
        holdGrants() {
            const { opened, open } = createGate();
            grantsMay = opened;
            return open;
        },
        holdLate() {
            const { opened, open } = createGate();
            lateMay = opened;
            return open;
        },
    };
    return bed;
}

function refuseGrant(exchange: Exchange): void {
    sendJson(exchange, 400, { error: 'invalid_grant' });
}

/** It is not signed; nobody here checks that. */
function jwt(id: number, lifetime: number): string {
    const parts = [{ alg: 'none' }, { jti: String(id), exp: Math.floor(Date.now() / 1000) + lifetime }, 'signature'];
    return parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}

/** For apps that keep their tokens in a storage: the user has logged in before, in this browser. */
export function startLoggedIn(
    createApi: (baseURL: string, tokenEndpoint: string, storage: Storage) => AxiosInstance,
): Start {
    return ({ api, tokenEndpoint, storage, logIn }) => {
        const { access_token, refresh_token } = logIn();
        storage.setItem('access_token', access_token);
        storage.setItem('refresh_token', refresh_token);
        return sessionOn(createApi(api.url, tokenEndpoint, storage));
    };
}
