import { createUserTokenCreator, type TokenCreator, TokenEndpointError, TokenError } from '../../src/index.js';
import { introspectOver, startApiServer } from '../servers/api-server.js';
import { introspect } from '../servers/introspection.js';
import type { RemoteServer } from './arguments.js';
import type { TokenRequest } from './measurement.js';
import { createApplication, type Stage } from './stage.js';

export interface RemoteStage extends Stage {
    /** Whether the API asks the server about tokens; otherwise it accepts any. */
    readonly introspects: boolean;
}

/** UnusableServer says in one line why the demo cannot use the server. */
export class UnusableServer extends Error {}

const patience = 10_000;

export async function openRemoteStage(server: RemoteServer): Promise<RemoteStage> {
    const { url, user: name, password } = server;
    const creator = createUserTokenCreator({ name, password }, { client: { baseURL: url, timeout: patience } });
    const token = await firstToken(creator, url);
    const introspects = (await introspect(url, token))?.active === true;
    const api = await startApiServer({ isActive: introspects ? introspectOver(url) : async () => true });
    const tokenRequests: TokenRequest[] = [];
    const observed = observe(creator, tokenRequests);
    return {
        introspects,
        api,
        tokenRequests,
        connect: () => createApplication(api.url, observed),
        revoke: async ({ source }) => introspects && revokeToken(url, source.current()?.value ?? ''),
        close: () => api.close(),
    };
}

async function firstToken(creator: TokenCreator, url: string): Promise<string> {
    try {
        return (await creator()).access_token;
    } catch (error) {
        throw new UnusableServer(explain(error, url));
    }
}

/** Only what is known to hold no secret: not the server's own words, which may repeat the request. */
function explain(error: unknown, url: string): string {
    if (error instanceof TokenEndpointError) {
        const { status, vendorCode, error: code } = error;
        const answer = [status, vendorCode ?? code].filter(Boolean).join(' ');
        return [400, 401, 403].includes(status)
            ? `${url}/token refuses the user name or the password (${answer}).`
            : `${url}/token answers with an error (${answer}).`;
    }
    if (error instanceof TokenError) {
        return error.code === 'response'
            ? `${url}/token does not answer with a token.`
            : `${url}/token cannot be reached.`;
    }
    return `${url}/token cannot be used.`;
}

/** A server in other hands cannot be watched: what the creator does is as near as one gets to its token endpoint. */
function observe(creator: TokenCreator, tokenRequests: TokenRequest[]): TokenCreator {
    return async (context) => {
        const startedAt = Date.now();
        const note = (issued: boolean) => void tokenRequests.push({ startedAt, endedAt: Date.now(), issued });
        try {
            const grant = await creator(context);
            note(true);
            return grant;
        } catch (error) {
            note(false);
            throw error;
        }
    };
}

async function revokeToken(url: string, token: string): Promise<boolean> {
    try {
        await fetch(`${url}/token/revoke`, {
            method: 'POST',
            body: new URLSearchParams({ token }),
            redirect: 'error',
            signal: AbortSignal.timeout(patience),
        });
    } catch {
        return false;
    }
    return (await introspect(url, token))?.active === false;
}
