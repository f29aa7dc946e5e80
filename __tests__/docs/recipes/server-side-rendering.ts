import { createServer, type IncomingMessage, type Server } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, createRefreshTokenCreator, type TokenAttachment } from '../../../src/index.js';

/** Where the refresh tokens of the users are kept, by session: a database, say. */
export interface Sessions {
    readonly read: (session: string) => Promise<string | undefined>;
    readonly write: (session: string, refreshToken: string) => Promise<void>;
}

interface Client extends TokenAttachment {
    readonly api: AxiosInstance;
}

export function createSite(baseURL: string, tokenEndpoint: string, sessions: Sessions): Server {
    const clients = new Map<string, Client>();

    /** One for each session: what it holds can reach no other user, whatever runs at the same time. */
    function clientOf(session: string): AxiosInstance {
        const known = clients.get(session);
        if (known) return known.api;
        const api = axios.create({ baseURL });
        const creator = createRefreshTokenCreator(
            { refreshToken: () => sessions.read(session) },
            {
                tokenEndpoint,
                clientId: 'my-site',
                onRefreshToken: ({ refresh_token }) => sessions.write(session, String(refresh_token)),
            },
        );
        clients.set(session, { api, ...attachTokenCreator(api, creator) });
        return api;
    }

    function forget(session: string): void {
        clients.get(session)?.source.clear();
        clients.delete(session);
    }

    return createServer((request, response) => {
        const session = sessionOf(request);
        if (session && request.url !== '/logout') {
            render(clientOf(session)).then(
                (page) => response.end(page),
                () => response.writeHead(502).end(),
            );
            return;
        }
        if (session) forget(session);
        response.writeHead(302, { location: '/login' }).end();
    });
}

async function render(api: AxiosInstance): Promise<string> {
    const [user, orders] = await Promise.all([api.get<string>('/me'), api.get<string>('/orders')]);
    return `<h1>${user.data}</h1><p>${orders.data}</p>`;
}

/** From a cookie that nobody can make up: signed, or long and random. */
function sessionOf({ headers }: IncomingMessage): string | undefined {
    return /(?:^|; )session=([\w-]+)/.exec(headers.cookie ?? '')?.[1];
}
