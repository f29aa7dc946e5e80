import {
    grant,
    json,
    startTokenEndpointServer,
    type Reply,
    type TokenEndpointServer,
} from './token-endpoint-server.js';

/** An authorization server whose metadata are scripted; every other path answers with a grant. */
export interface MetadataServer extends TokenEndpointServer {
    /** The paths that were asked for, in order. */
    readonly paths: readonly string[];
    /** Sets the answers to requests for this path, in order; the last one also goes to all that follow. */
    on(path: string, ...replies: Reply[]): void;
    /** Metadata of the issuer, with these members beside or instead of the usual ones. */
    metadata(issuer: string, members?: Record<string, unknown>): Reply;
}

export const OPENID = '/.well-known/openid-configuration';
export const OAUTH = '/.well-known/oauth-authorization-server';

export async function startMetadataServer(): Promise<MetadataServer> {
    const server = await startTokenEndpointServer();
    const routes = new Map<string, Reply[]>();
    server.reply((response, request) => {
        const replies = routes.get(request.url);
        const reply = replies && replies.length > 1 ? replies.shift() : replies?.[0];
        const isMetadata = request.url.includes('/.well-known/');
        const otherwise = isMetadata ? json({ message: 'no such page' }, { status: 404 }) : grant({ active: true });
        return (reply ?? otherwise)(response, request);
    });
    return {
        ...server,
        get paths() {
            return server.requests.map(({ url }) => url);
        },
        on(path, ...replies) {
            routes.set(path, replies);
        },
        metadata: (issuer, members) =>
            json({
                issuer,
                token_endpoint: `${server.url}/oauth2/token`,
                revocation_endpoint: `${server.url}/oauth2/revoke`,
                introspection_endpoint: `${server.url}/oauth2/introspect`,
                device_authorization_endpoint: `${server.url}/oauth2/device`,
                ...members,
            }),
    };
}
